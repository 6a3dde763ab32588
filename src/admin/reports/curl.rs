//! The same report by the API, as commands for a shell: sign in, ask, wait, fetch. Pure.

/// What stands in place of the password.
pub const PASSWORD: &str = "YOUR PASSWORD";

/// The commands for a report that `request`, a body of `POST /report`, asks for. `base` is the server's address without
/// a slash at its end, `file` where the report goes.
pub fn commands(base: &str, user: &str, request: &str, file: &str) -> String {
    let auth = serde_json::json!({ "auth": { "username": user, "password": PASSWORD } }).to_string();
    let (auth, request) = (quoted(&auth), quoted(request));
    let (sign_in, report, download) =
        (quoted(&format!("{base}/auth")), quoted(&format!("{base}/report")), format!("{base}/report-download"));
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
        format!(r#"curl -sS -f -b pixeld.cookies -o {} "{download}?id=$id""#, quoted(file)),
    ]
    .join("\n")
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_is_the_shells() {
        let commands = commands("https://px.example", "o'ne\" $(id)", r#"{"report":{}}"#, "report.csv");
        assert!(
            commands.contains(r#"'{"auth":{"username":"o'\''ne\" $(id)","password":"YOUR PASSWORD"}}'"#),
            "{commands}"
        );
        assert!(commands.ends_with(r#"-o 'report.csv' "https://px.example/report-download?id=$id""#), "{commands}");
    }
}
