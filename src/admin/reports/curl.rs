//! The shell commands that get a report by the API: sign in, ask, wait, fetch. Pure.

/// The placeholder of the password.
pub const PASSWORD: &str = "YOUR PASSWORD";

/// The commands for `request`, a body of `POST /report`. `base` is the server's address without a slash at its end;
/// `file` takes the report.
pub fn commands(base: &str, user: &str, request: &str, file: &str) -> String {
    let auth = serde_json::json!({ "auth": { "username": user, "password": PASSWORD } }).to_string();
    let (auth, request) = (quote(&auth), quote(request));
    let (sign_in, report, download) =
        (quote(&format!("{base}/auth")), quote(&format!("{base}/report")), format!("{base}/report-download"));
    [
        "# Sign in.".to_owned(),
        format!("curl -sS -c pixeld.cookies -o /dev/null -d {auth} {sign_in}"),
        "# Ask for the report.".to_owned(),
        format!(
            r#"id=$(curl -sS -b pixeld.cookies -d {request} {report} | sed -n 's/.*"report_id":"\([^"]*\)".*/\1/p')"#
        ),
        "# Wait until it is ready.".to_owned(),
        format!(
            r#"while [ -n "$id" ] && ! curl -sS -b pixeld.cookies "{base}/report?id=$id" | grep -Eq '"execution_status":"(ready|error)"'; do sleep 1; done"#
        ),
        "# Fetch it.".to_owned(),
        format!(r#"curl -sS -f -b pixeld.cookies -o {} "{download}?id=$id""#, quote(file)),
    ]
    .join("\n")
}

/// The text as one word of a shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_user_breaks_out_of_the_quotes() {
        let commands = commands("https://px.example", "o'ne\" $(id)", r#"{"report":{}}"#, "report.csv");
        assert!(
            commands.contains(r#"'{"auth":{"username":"o'\''ne\" $(id)","password":"YOUR PASSWORD"}}'"#),
            "{commands}"
        );
        assert!(commands.ends_with(r#"-o 'report.csv' "https://px.example/report-download?id=$id""#), "{commands}");
    }
}
