//! Any template over any row.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::check;
use super::outcome;

fn json_values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[0-9TZ:./+ -]{0,20}( ?[A-Za-z]{1,4})?".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::vec(("[a-c]|size|length", inner), 0..4)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn templates() -> impl Strategy<Value = String> {
    let operand = "[abc]|b[.]size|a\\[-?[0-9]\\]|-?[0-9]{1,12}|'[^'}]{0,6}'|nil|empty|\\([0-9]\\.\\.c\\)";
    let filter = prop_oneof![
        "[a-z_]{1,8}",
        proptest::sample::select(vec![
            "date",
            "slice",
            "truncate",
            "truncatewords",
            "replace",
            "split",
            "round",
            "where",
            "sum",
            "json",
            "join",
            "base64_decode",
            "slugify",
            "url_decode",
            "strip",
            "default",
            "first",
            "last",
            "number_of_words",
            "strip_html",
            "capitalize",
            "push",
            "date_to_string",
            "hmac_sha256",
            "modulo",
            "remove_last",
        ])
        .prop_map(str::to_owned),
    ];
    let call = (filter, operand, operand).prop_map(|(name, a, b)| format!("| {name}: {a}, {b}"));
    let output = (operand, proptest::collection::vec(call, 0..3)).prop_map(|(value, calls)| {
        let calls = calls.concat();
        format!("{{{{ {value} {calls} }}}}")
    });
    let piece = prop_oneof![
        4 => output,
        1 => "\\{%-? ?(if|unless|assign a =|capture|cycle|increment|echo|liquid|#|raw|comment|block) ?[abc0-9'.,|: ]{0,8}-?%\\}",
        1 => "\\{% (else|elsif b|endif|endunless|endcapture|endraw|endcomment|endblock) -?%\\}",
        1 => "[{}%'\"\\[\\]().|:, a-c\\n\\\\-]{0,12}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn never_panics_and_always_gives_the_same(template in templates(), a in json_values(), b in json_values(), c in json_values()) {
        let row = json!({"a": a, "b": b, "c": c}).to_string();
        let _ = check(&template);
        prop_assert_eq!(outcome(&template, &row), outcome(&template, &row));
    }
}
