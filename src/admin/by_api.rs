//! The way from a page to the same by the API: the address of this server, and the command that fetches an answer.
//! Pages cannot link to the API's answers themselves, since a browser's session is no API token.

use actix_web::HttpRequest;

use super::error::PageError;
use super::export_wish::place_of;
use crate::web::State;

/// This server's address as whoever looks reaches it, without a slash at its end.
///
/// # Errors
/// A `Host` header that no address could name.
pub fn base(request: &HttpRequest, state: &State) -> Result<String, PageError> {
    let place = place_of(request, state)?;
    Ok(format!("{}://{}", if place.https { "https" } else { "http" }, place.host))
}

/// The command that gets a path of the API, with parameters where they are not empty.
pub fn get(base: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let given = parameters.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    // Encoded, a query holds no quotes.
    format!("curl -H \"Authorization: $TOKEN\" '{base}{path}{mark}{query}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_gets_out_of_the_quotes() {
        let command = get("https://px.example", "/conversion", &[("order_id", "O'N $(id)"), ("reason", "")]);
        assert_eq!(
            command,
            r#"curl -H "Authorization: $TOKEN" 'https://px.example/conversion?order_id=O%27N+%24%28id%29'"#
        );
        assert!(
            get("https://px.example", "/conversion/7/explain", &[])
                .ends_with("'https://px.example/conversion/7/explain'")
        );
    }
}
