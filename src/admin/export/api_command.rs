//! The command that gets a page's data by the API. A page cannot link to the API, since a browser's session is no API
//! token.

use actix_web::HttpRequest;

use super::options::site_of;
use crate::admin::shell::error::PageError;
use crate::web::AppState;

/// This server's address as the user reaches it, without a slash at its end.
///
/// # Errors
/// A `Host` header that no address may hold.
pub fn base(request: &HttpRequest, state: &AppState) -> Result<String, PageError> {
    Ok(site_of(request, state)?.url())
}

/// The command that gets a path of the API, without parameters that are empty.
pub fn get(base: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let parameters = parameters.iter().filter(|(_, value)| !value.is_empty());
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    // An encoded query holds no quotes.
    format!("curl -H \"Authorization: $TOKEN\" '{base}{path}{mark}{query}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_user_breaks_out_of_the_quotes() {
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
