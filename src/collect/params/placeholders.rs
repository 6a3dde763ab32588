//! Recognises what a template leaves behind where nothing was filled in: `{{order.id}}`, `[ORDER_ID]`, `undefined`.
//! Taken as values such texts would make different visitors' fires one and the same.

use percent_encoding::percent_decode_str;

use crate::domain::trim;

/// What must stand between marks.
#[derive(Clone, Copy, Debug)]
enum Inner {
    /// A name: a letter, then letters, digits, `_`, `.`, `-` and blanks.
    Name,
    /// Code: its first letter or digit is a letter.
    Code,
}

/// Where a pair of marks is taken for a placeholder's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// In every text.
    Everywhere,
    /// In a free text only around capitals. It may well be `[red]`.
    AroundCapitals,
    /// In no free text.
    NotInFreeTexts,
}

use Inner::{Code, Name};
use Where::{AroundCapitals, Everywhere, NotInFreeTexts};

/// The marks that templates put around a name.
const MARKS: &[(&str, &str, Inner, Where)] = &[
    ("{{", "}}", Code, Everywhere),
    ("${", "}", Code, Everywhere),
    ("#{", "}", Code, Everywhere),
    ("@{", "}", Code, Everywhere),
    ("%{", "}", Code, Everywhere),
    ("{$", "}", Code, Everywhere),
    ("{!", "}", Code, Everywhere),
    ("{#", "}", Code, Everywhere),
    ("{@", "}", Code, Everywhere),
    ("{%", "%}", Code, Everywhere),
    ("{", "}", Name, AroundCapitals),
    ("[[", "]]", Name, Everywhere),
    ("[%", "%]", Code, Everywhere),
    ("[", "]", Name, AroundCapitals),
    ("%%", "%%", Code, Everywhere),
    ("%", "%", Name, AroundCapitals),
    ("__", "__", Name, AroundCapitals),
    ("###", "###", Name, NotInFreeTexts),
    ("##", "##", Name, NotInFreeTexts),
    ("#", "#", Name, NotInFreeTexts),
    ("@@", "@@", Name, NotInFreeTexts),
    ("$$", "$$", Name, NotInFreeTexts),
    ("$(", ")", Name, NotInFreeTexts),
    ("$", "$", Name, NotInFreeTexts),
    ("*|", "|*", Name, NotInFreeTexts),
    ("<!--", "-->", Name, NotInFreeTexts),
    ("<", ">", Name, NotInFreeTexts),
];

/// Begins code that ran nowhere: PHP, ASP, JSP, ERB.
const CODE: &[&str] = &["<?", "<%"];

/// Values that programs write for nothing, and printf's that got no value, in small letters.
const WORDS: &[&str] = &[
    "undefined",
    "null",
    "nan",
    "none",
    "(none)",
    "(null)",
    "(undefined)",
    "(not set)",
    "(not provided)",
    "{}",
    "[]",
    "%s",
    "%d",
    "%1$s",
    "%1$d",
];

/// Whether a text that is compared is a placeholder in any spelling.
pub fn is_unfilled(parameter: &str, text: &str) -> bool {
    let text = unquoted(text);
    is_placeholder(text)
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || asks_for_insertion(text)
        || is_broken_escape(text)
        || is_escaped_twice(text)
        || is_own_name(parameter, text)
}

/// Whether a text that must have a form, such as a number or a URL, is a placeholder between marks instead.
pub fn is_placeholder(text: &str) -> bool {
    is_marked(text, |_, _| true)
}

/// Whether a free text can be nothing but a placeholder.
pub fn is_only_a_placeholder(text: &str) -> bool {
    is_marked(text, |place, inner| match place {
        Everywhere => true,
        AroundCapitals => inner.chars().all(|sign| sign.is_uppercase() || matches!(sign, '_' | ' ')),
        NotInFreeTexts => false,
    })
}

fn is_marked(text: &str, fits: impl Fn(Where, &str) -> bool) -> bool {
    // Most texts begin with a letter or a digit, and no mark does.
    if text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric) {
        return false;
    }
    let between = |(open, close, wanted, place): &(&str, &str, Inner, Where)| {
        let inner = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
        inner.is_some_and(|inner| fits(*place, inner) && holds(*wanted, inner))
    };
    CODE.iter().any(|begin| text.starts_with(begin)) || MARKS.iter().any(between)
}

fn holds(wanted: Inner, inner: &str) -> bool {
    if is_uuid(inner.trim_matches(|sign: char| !sign.is_alphanumeric())) {
        return false;
    }
    match wanted {
        Name => is_name(inner),
        Code => inner.chars().find(|sign| sign.is_alphanumeric()).is_some_and(char::is_alphabetic),
    }
}

fn is_name(text: &str) -> bool {
    let text = trim(text);
    text.starts_with(char::is_alphabetic) && text.chars().all(may_be_in_name)
}

fn may_be_in_name(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '.' | '-') || sign.is_whitespace()
}

/// A UUID, with its hyphens or without.
fn is_uuid(text: &str) -> bool {
    let hyphen_at = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let fits = |(place, byte): (usize, u8)| match text.len() {
        36 if hyphen_at(place) => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    matches!(text.len(), 32 | 36) && text.bytes().enumerate().all(fits)
}

/// `"undefined"`, as a program that writes JSON leaves it.
fn unquoted(text: &str) -> &str {
    let within = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    within('"').or_else(|| within('\'')).map_or(text, trim)
}

/// `INSERT_ORDER_ID_HERE`, `INSERT ORDER ID`.
fn asks_for_insertion(text: &str) -> bool {
    const VERB: &str = "insert";
    let (Some(verb), Some(rest)) = (text.get(..VERB.len()), text.get(VERB.len()..)) else { return false };
    verb.eq_ignore_ascii_case(VERB) && rest.strip_prefix(['_', '-', ' ']).is_some_and(is_name)
}

/// `%cart_id%` in an address without escapes: the URL reads `%ca` as one byte, which is not UTF-8.
fn is_broken_escape(text: &str) -> bool {
    let inner = text.trim_end_matches('%');
    let after = inner.trim_start_matches('%').strip_prefix(char::REPLACEMENT_CHARACTER);
    inner.len() < text.len() && after.is_some_and(|after| after.chars().all(may_be_in_name))
}

/// `%7Bid%7D` after an address was read: its page encoded it twice. Such a text has no `%` outside its escapes.
fn is_escaped_twice(text: &str) -> bool {
    let is_escape = |after: &str| after.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    text.starts_with('%')
        && text.split('%').skip(1).all(is_escape)
        && percent_decode_str(text).decode_utf8().is_ok_and(|text| is_placeholder(&text))
}

/// `ORDER_ID`, `OrderID`, `$order_id`, `your-order-id` as `order_id`.
fn is_own_name(parameter: &str, text: &str) -> bool {
    const YOUR: &str = "your";
    let is_your = text.get(..YOUR.len()).is_some_and(|start| start.eq_ignore_ascii_case(YOUR));
    let name = if is_your { text.get(YOUR.len()..).unwrap_or("") } else { text };
    letters_of(name).eq(letters_of(parameter))
}

/// Its letters and digits in small letters.
fn letters_of(text: &str) -> impl Iterator<Item = u8> {
    let counts = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    text.bytes().filter(counts).map(|byte| byte.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts with two blanks or a line's end between them.
    fn texts(list: &str) -> impl Iterator<Item = &str> {
        list.lines().flat_map(|line| line.trim().split("  ")).filter(|text| !text.is_empty())
    }

    #[test]
    fn every_usual_spelling_is_a_placeholder() {
        let spellings = r#"
            [ORDER_ID]  [OrderID]  [ order id ]  [[ORDER]]  [object Object]  [% order.id %]  [заказ]
            {tid}  {order.id}  {$order.id}  {$order->id|escape:'html'}  {!Order.Id}  {#order#}  {@order}
            {{Transaction ID}}  {{ order.name }}  {{order.id|e}}  {{ order['id'] }}  {{{order}}}  {{.Order.ID}}
            {{#if order}}{{/if}}  {{$json.order}}  {% order %}  {%- order -%}
            ${orderId}  ${order?.id ?? ''}  #{order.id}  @{order}  %{order}  $(OrderId)
            %ORDER_ID%  %%ORDER_ID%%  %%PATTERN:order%%  %%=v(@order)=%%  �rt_id%  %�sket%%
            #ORDERID#  ##ORDERID##  ###ORDER_ID###  @@order@@  $ORDER$  $$ORDER$$  *|ORDER|*
            <ORDER_ID>  <!-- order -->  <?php echo $id; ?>  <?= $id ?>  <%= order.id %>  <%order%>
            __ORDER_ID__  __order__  INSERT_ORDER_ID_HERE  insert-order-id  INSERT ORDER ID  Insert_X
            undefined  Undefined  null  NULL  NaN  nan  None  none  (none)  (null)  (not set)  (Not Set)  {}  []
            %s  %d  "undefined"  'null'  "{{order}}"  %7Btid%7D  %5BORDER_ID%5D  %24%7BorderId%7D  %25order%25
            ORDER_ID  order_id  OrderId  ORDER-ID  ORDERID  order id  YOUR_ORDER_ID  $order_id  :orderId  "ORDER_ID"
        "#;
        for text in texts(spellings) {
            assert!(is_unfilled("order_id", text), "{text}");
        }
        for (parameter, text) in [("event_id", "EVENT_ID"), ("sspdata", "SSP_DATA"), ("imp", "IMP")] {
            assert!(is_unfilled(parameter, text), "{text}");
        }
    }

    #[test]
    fn real_ids_are_values() {
        let ids = r#"
            1003  #1003  #1003#  [7]  {7}  {{7}}  ${7}  %7%  <7>  __7__  $7$  A-1001  A1  -  0  true  false  N/A  #A1003
            (1)  {"id":1}  [1,2]  ["a"]  100%  %20%  %3C%  %25A7%  %3C%3  gid://shopify/OrderIdentity/5210499102111  order_12
            order_id_7  id  EVENT_ID_7  insert  INSERTED-7  INSERT-7  nullify  undefined-7  none.  (direct)  $10  é  _x_
            [  ]  {  {}7  %  %%  $  "7"  "  <  ##  ____  �  �t  yours  your
        "#;
        for text in texts(ids).chain([""]) {
            assert!(!is_unfilled("order_id", text), "{text}");
        }
    }

    #[test]
    fn free_texts_may_have_marks() {
        for text in texts("[REVENUE]  {COUPON}  %COUPON%  __COUPON__  {{coupon}}  ${coupon}  %%coupon%%  <?= 1  {$x}") {
            assert!(is_only_a_placeholder(text), "{text}");
        }
        for text in texts("[red]  [A1]  {red}  #SALE#  <SALE>  undefined  none  OTHER  INSERT_COIN  %d  []") {
            assert!(!is_only_a_placeholder(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_uuid_is_a_value_between_any_marks(
            uuid in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}",
            mark in prop::sample::select(MARKS),
            blank in " ?",
        ) {
            let (open, close, ..) = mark;
            for text in [uuid.clone(), format!("{open}{blank}{uuid}{blank}{close}"), format!("{{{{{{{uuid}}}}}}}")] {
                prop_assert!(!is_unfilled("order_id", &text), "{}", text);
            }
        }

        #[test]
        fn a_number_is_a_value_between_any_marks(number in "[0-9][0-9A-Z._-]{0,20}", mark in prop::sample::select(MARKS)) {
            let (open, close, ..) = mark;
            let text = format!("{open}{number}{close}");
            prop_assert!(!is_unfilled("order_id", &text), "{}", text);
        }

        #[test]
        fn a_name_between_marks_is_a_placeholder(name in "[A-Za-z][A-Za-z0-9_. -]{0,20}", mark in prop::sample::select(MARKS)) {
            let (open, close, ..) = mark;
            let text = format!("{open}{name}{close}");
            prop_assert!(is_unfilled("order_id", &text) && is_placeholder(&text), "{}", text);
            if is_only_a_placeholder(&text) {
                prop_assert!(is_placeholder(&text));
            }
        }

        #[test]
        fn every_text_is_one_or_the_other(text in any::<String>()) {
            prop_assert!(!is_placeholder(&text) || is_unfilled("order_id", &text));
        }
    }
}
