//! Rules of `@liquid`, each as the reference answers.

mod random;

use bumpalo::Bump;
use serde_json::json;

use super::{check, compile};
use crate::Value;

const ROW: &str = r#"{"v":"a,b,,c","n":5,"h":2.5,"t":true,"z":null,"l":[1,[2,null],"x"],"o":{"a":1,"b":{"c":"d"}},
    "items":[{"sku":"A","qty":2},{"sku":"B","qty":"3"}],"d":"2021-03-04T05:06:07Z"}"#;

fn outcome(template: &str, row: &str) -> Result<String, String> {
    let arena = Bump::new();
    let template = compile(&json!(template)).map_err(|error| error.to_string())?;
    let value = template.evaluate(Value::of_json(row), &arena);
    let value = value.map_err(|error| error.to_string())?;
    Ok(value.text_in(&arena).expect("a text").to_owned())
}

fn rendered(template: &str) -> String {
    outcome(template, ROW).expect("a template that renders")
}

fn fault(template: &str) -> String {
    outcome(template, ROW).expect_err("a template that fails")
}

#[test]
fn writes_values_as_text() {
    assert_eq!(
        rendered("{{z}}|{{x}}|{{t}}|{{h}}|{{o}}|{{l}}|{{nil}}{{empty}}"),
        "||true|2.5|[object Object]|12x|"
    );
    assert_eq!(rendered("{{ 1e3 }}{{ 007 }} {{ 1.50 }} {{ -3 }}"), "7 1.5 -3");
    assert_eq!(rendered(""), "");
}

#[test]
fn computes_the_arguments_of_unknown_filters() {
    assert_eq!(rendered("{{ n | nope: v }}"), "5");
    assert!(fault("{{ n | nope: (0..900000000) }}").starts_with("memory alloc limit exceeded"));
}

#[test]
fn shows_half_of_a_pair_where_an_excerpt_ends() {
    let text = format!("{{{{ '{}😀' | x", "-".repeat(24));
    let shown = format!(
        "output \"{{{{ '{}\\ud83d...\" not closed, line:1, col:1",
        "-".repeat(24)
    );
    assert_eq!(fault(&text), shown);
}

#[test]
fn keeps_halves_of_pairs_until_they_meet_again() {
    let row = json!({"v": "a😀b"}).to_string();
    let rendered = |template: &str| outcome(template, &row).unwrap();
    assert_eq!(
        rendered("{{ v | split: '' }}{{ v | split: '' | join: '' | cgi_escape }}"),
        "a😀ba%F0%9F%98%80b"
    );
    assert_eq!(rendered("{{ v | slice: 0, 2 | append: '\\ude00' | size }}"), "3");
    assert_eq!(rendered("{{ v | split: '' | json }}"), r#"["a","\ud83d","\ude00","b"]"#);
    assert_eq!(
        rendered("{{ v | truncate: 2, '' }}|{{ v | replace: '', '-' | size }}"),
        "a\u{fffd}|7"
    );
    assert_eq!(
        outcome("{{ v | truncate: 2, '' | url_encode }}", &row).unwrap_err(),
        "URI malformed, line:1, col:1"
    );
}

#[test]
fn indents_up_to_a_nul() {
    let row = json!({"l": [1], "a": "-\0-", "b": "\0"}).to_string();
    let text = outcome("{{ l | json: a }}{{ l | json: b }}{{ l | json: '' }}", &row);
    assert_eq!(text.as_deref(), Ok("[\n-1\n][\n1\n][1]"));
}

#[test]
fn knows_no_negative_zero() {
    assert_eq!(
        rendered("{{ 1 | divided_by: -0 }} {{ n | divided_by: 0 }}"),
        "Infinity Infinity"
    );
}

#[test]
fn names_arguments_by_the_text_of_their_literal() {
    assert_eq!(
        rendered("{{ 'a' | append: '.:'.:'.' }}{{ 'a' | append: 1.:2 }}"),
        "a'.:'.a1.2"
    );
}

#[test]
fn looks_up_keys_of_objects_arrays_and_texts() {
    assert_eq!(
        rendered("{{o.b.c}} {{o['a']}} {{l[1][0]}} {{l[-1]}} {{v[0]}}"),
        "d 1 2 x a"
    );
    assert_eq!(
        rendered("{{l.size}} {{l.first}} {{l.last}} {{o.size}} {{v.size}} {{n.size}}"),
        "3 1 x 2 6 "
    );
    assert_eq!(rendered("{{z.a.b}}{{x.y}}{{[o.b.c]}}"), "2021-03-04T05:06:07Z");
}

#[test]
fn trims_blanks_beside_dashes() {
    assert_eq!(
        rendered(" a \n {{- n -}} \n b {%- if t -%} c {%- endif %} d"),
        " a5bc d"
    );
}

#[test]
fn compares_as_javascript_and_binds_to_the_right() {
    for (condition, holds) in [
        ("n == 5", true),
        ("n == '5'", false),
        ("n < '10'", true),
        ("z == nil and x == nil", true),
        ("v contains 'b,'", true),
        ("l contains 1", true),
        ("o == o", true),
        ("'' == empty and '' == blank", true),
        ("not z", true),
        ("false and false or true", false),
        ("nil > 1 or nil <= 1", false),
        ("0 and ''", true),
    ] {
        let shown = rendered(&format!("{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"));
        assert_eq!(shown == "yes", holds, "{condition}");
    }
}

#[test]
fn runs_tags() {
    assert_eq!(rendered("{% assign x = v | split: ',' %}{{ x | join: '-' }}"), "a-b--c");
    assert_eq!(rendered("{% capture x %}<{{n}}>{% endcapture %}{{x}}{{x}}"), "<5><5>");
    assert_eq!(rendered("{% unless t %}a{% elsif n %}b{% else %}c{% endunless %}"), "b");
    assert_eq!(
        rendered("{% increment c %}{% increment c %}{% decrement n %}{{n}}"),
        "0144"
    );
    assert_eq!(
        rendered("{% cycle 'a','b' %}{% cycle 'c','d' %}{% cycle 'g': 'e','f' %}"),
        "ade"
    );
    assert_eq!(
        rendered("{% raw %}{{ n }}{% endraw %}{% comment %}{{ n }}{% endcomment %}{% # note %}"),
        "{{ n }}"
    );
    assert_eq!(rendered("{% liquid\nassign x = 1\nif x\necho x\nendif\n%}"), "1");
    assert_eq!(rendered("a{% if t %}b{% break %}c{% endif %}d"), "ab");
}

#[test]
fn computes_with_doubles() {
    assert_eq!(
        rendered("{{ 0.1 | plus: 0.2 }} {{ 7 | divided_by: 2 }} {{ 7 | divided_by: 2, true }}"),
        "0.30000000000000004 3.5 3"
    );
    assert_eq!(
        rendered("{{ -7 | modulo: 3 }} {{ 2.675 | round: 2 }} {{ -2.5 | round }} {{ 'x' | plus: 1 }} {{ 1 | plus }}"),
        "2 2.68 -3 1 NaN"
    );
}

#[test]
fn filters_arrays() {
    assert_eq!(
        rendered("{{ items | where: 'sku', 'B' | json }} {{ items | sum: 'qty' }}"),
        r#"[{"sku":"B","qty":"3"}] 5"#
    );
    assert_eq!(
        rendered("{{ l | push: 4 | pop | shift | unshift: 0 | json }}"),
        r#"[0,[2,null],"x"]"#
    );
    assert_eq!(
        rendered("{{ l | slice: 1, 2 | json: 1 }}"),
        "[\n [\n  2,\n  null\n ],\n \"x\"\n]"
    );
    assert_eq!(rendered("{{ 'a😀b' | slice: 1, 2 }}{{ v | slice: -3, 2 }}"), "😀,,");
}

#[test]
fn filters_texts() {
    assert_eq!(
        rendered("{{ v | replace: ',', '$&' | upcase | truncate: 6 }}"),
        "A$&..."
    );
    assert_eq!(
        rendered("{{ ' a  b ' | strip | normalize_whitespace | capitalize }}"),
        "A b"
    );
    assert_eq!(
        rendered("{{ '<b>&amp;é' | strip_html | escape_once | url_encode }}"),
        "%26amp%3B%C3%A9"
    );
    assert_eq!(
        rendered("{{ 'Ünï x_y' | slugify }} {{ 'Éà' | slugify: 'latin' }}"),
        "ünï-x-y éa"
    );
    assert_eq!(
        rendered("{{ 'a' | base64_encode }} {{ 'YQ==x' | base64_decode }} {{ '' | sha256 | slice: 0, 8 }}"),
        "YQ== a e3b0c442"
    );
    assert_eq!(rendered("{{ v | no_such_filter: 1 | size }}"), "6");
}

#[test]
fn shows_dates_in_time_zones() {
    assert_eq!(
        rendered("{{ d | date: '%Y-%m-%d %H:%M %z %Z', 'America/New_York' }}"),
        "2021-03-04 00:06 -0500 America/New_York"
    );
    assert_eq!(
        rendered("{{ d | date: '%-d%q %^b %e|%j|%U|%s', -330 }}"),
        "4th MAR  4|063|09|1614854167"
    );
    assert_eq!(rendered("{{ d | date }}"), "Thursday, March 4, 2021 at 5:06 am +0000");
    assert_eq!(
        rendered("{{ 0 | date_to_xmlschema }} {{ 'x' | date: '%Y' }}"),
        "1970-01-01T00:00:00+00:00 x"
    );
    assert_eq!(
        fault("{{ d | date: '%Y', 'No/Where' }}"),
        "Invalid time zone specified: No/Where, line:1, col:1"
    );
}

#[test]
fn reads_dates_as_v8_does() {
    for (text, read) in [
        ("2021-03-04", "2021-03-04 00:00:00"),
        ("2021-03-04T24:00", "2021-03-05 00:00:00"),
        ("4 March 2021 5:06 pm", "2021-03-04 17:06:00"),
        ("Thu Mar 04 2021 05:06:07 GMT+0100 (CET)", "2021-03-04 04:06:07"),
        ("1/2/03", "2003-01-02 00:00:00"),
        ("5", "2001-05-01 00:00:00"),
        ("Feb 31 2020", "2020-03-02 00:00:00"),
        ("2021-03-04T05:06Z\0x", "2021-03-04 05:06:00"),
        ("1/2/03\u{a0}", "2003-01-02 00:00:00"),
    ] {
        // Digits alone would be seconds.
        let row = json!({"d": text, "a": [text]}).to_string();
        assert_eq!(
            outcome("{{ a | date: '%Y-%m-%d %H:%M:%S' }}", &row).as_deref(),
            Ok(read),
            "{text}"
        );
    }
    let none = [
        "",
        "T",
        "2021-13-01",
        "10:30",
        "2021-03-04T05:6",
        "abc 12x",
        "1/2/03\u{2028}",
        "12: PM+00202499924:00605",
    ];
    for text in none {
        let row = json!({"d": text}).to_string();
        assert_eq!(outcome("{{ d | date: '%Y' }}", &row).as_deref(), Ok(text));
    }
}

#[test]
fn names_the_place_of_mistakes() {
    assert_eq!(fault("a\n {% if %}"), "invalid value expression: \"\", line:2, col:7");
    assert_eq!(fault("{% if n %}"), "tag {% if n %} not closed, line:1, col:1");
    assert_eq!(fault("{{ n }}{{ n"), "output \"{{ n\" not closed, line:1, col:8");
    assert_eq!(fault("{{ n | append }}"), "append expect 2 arguments, line:1, col:1");
    assert_eq!(fault("{% foo %}"), "tag \"foo\" not found, line:1, col:1");
}

#[test]
fn refuses_disabled_tags_always_and_disabled_filters_when_reached() {
    assert_eq!(
        fault("{% if false %}{% for i in l %}{% endif %}"),
        "tag \"for\" is disabled, line:1, col:15"
    );
    assert_eq!(fault("{{ l | map: 'a' }}"), "filter \"map\" is disabled, line:1, col:1");
    assert_eq!(rendered("{% if false %}{{ l | map: 'a' }}{% endif %}"), "");
}

#[test]
fn refuses_what_is_not_pure() {
    for template in [
        "{{ 'now' | date: '%Y' }}",
        "{% if n %}{{ \"today\" | date }}{% endif %}",
        "{{ l | sample }}",
    ] {
        assert!(check(template).is_err(), "{template}");
    }
    assert!(fault("{% assign x = 'now' %}{{ x | date: '%Y' }}").contains("current time"));
    assert_eq!(check("{{ now | date: '%Y' }}{% if"), Ok(()));
}

#[test]
fn limits_length_memory_and_steps() {
    let long = |count| "é".repeat(count);
    assert_eq!(rendered(&long(1000)), long(1000));
    assert_eq!(
        fault(&long(1001)),
        "liquid template values are limited to 1000 characters"
    );
    let double = "{% assign x = x | append: x %}".repeat(28);
    let place = "line:1, col:";
    assert!(
        fault(&format!("{{% assign x = 'abcdefgh' %}}{double}"))
            .starts_with(&format!("memory alloc limit exceeded, {place}"))
    );
    let nest = "{% assign x = x | push: x %}".repeat(33);
    assert!(fault(&format!("{nest}{{{{ x | size }}}}{{{{ x }}}}")).starts_with("template render limit exceeded"));
    assert!(fault("{{ (1..99999999) | size }}").starts_with("memory alloc limit exceeded"));
    assert_eq!(rendered("{{ d | date: '%70000N%70000Y' | size }}"), "140000");
    assert!(fault("{{ d | date: '%999999999Y' }}").starts_with("memory alloc limit exceeded"));
    assert!(fault(&format!("{{{{ {} }}}}", "[".repeat(900))).starts_with("expression nests too deep"));
}
