//! Marks a connection while the server works on its request or sends the answer, so that it is not taken for idle.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::{Request, Response};
use actix_service::Service;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::web::Bytes;

use super::connections::Link;

/// Marks the connection until it is dropped.
struct Serving(Option<Link>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.iter().for_each(Link::wait_for_client);
    }
}

/// The body of an answer. The server drops it once it is sent.
pub struct ServedBody {
    body: BoxBody,
    _serving: Serving,
}

impl MessageBody for ServedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

/// Answers a request by the application.
pub fn serve<S, B, E>(
    request: Request,
    application: &S,
) -> impl Future<Output = Result<Response<ServedBody>, E>> + use<S, B, E>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = E>,
    B: MessageBody + 'static,
{
    let link = request.conn_data::<Link>().cloned();
    link.iter().for_each(Link::serve);
    let serving = Serving(link);
    let answer = application.call(request);
    async move {
        let answer: Response<B> = answer.await?.into();
        Ok(answer.map_body(|_, body| ServedBody { body: body.boxed(), _serving: serving }))
    }
}
