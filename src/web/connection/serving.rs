//! Marks a connection while the server works on its request or sends the answer, so that it is not taken for idle. Hands
//! out long answers in small parts, so that clients who read nothing cost little memory.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::{Request, Response};
use actix_service::Service;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::web::Bytes;

use super::registry::Link;

/// Marks the connection until it is dropped.
struct Serving(Option<Link>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.iter().for_each(Link::wait_for_client);
    }
}

/// The longest part of an answer that is copied for a connection at once.
const PART: usize = 16 * 1024;

/// The body of an answer. The server drops it once it is sent.
pub struct ServedBody {
    body: BoxBody,
    /// What is left of the part before.
    rest: Bytes,
    _serving: Serving,
}

impl MessageBody for ServedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(context)) {
                Some(Ok(part)) => this.rest = part,
                end => return Poll::Ready(end),
            }
        }
        let part = this.rest.split_to(this.rest.len().min(PART));
        Poll::Ready(Some(Ok(part)))
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
        Ok(answer.map_body(|_, body| ServedBody { body: body.boxed(), rest: Bytes::new(), _serving: serving }))
    }
}
