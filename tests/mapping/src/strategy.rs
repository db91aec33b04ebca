//! Random rows and mappings: every directive, paths of all shapes, and the values that JavaScript treats strangely.

use std::fmt::{Display, Write};

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const NUMBERS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    1.5,
    -2.0,
    1e20,
    1e21,
    1e-6,
    1e-7,
    5e-324,
    1.797_693_134_862_315_7e308,
    9_007_199_254_740_993.0,
    0.1,
    100.0,
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "true",
    "false",
    "True",
    "null",
    "0",
    "1",
    "12.5",
    " 7 ",
    "0x1F",
    "0b2",
    "1e3",
    "Infinity",
    "-Infinity",
    "NaN",
    "1,5",
    "\u{feff}3",
    "\u{85}3",
    "+1",
    "--1",
    ".5",
    "5.",
    "ß",
    "ſ",
    "İ",
    "ŉ",
    "😀a",
    "é\u{301}",
    "K",
    "A.b",
    "{\"a\":[1,null],\"1\":2,\"0\":\"\\u0061\"}",
    "[1.0,-0,1E3]",
    "[",
    "\"\"",
    " null ",
    "{{a}}",
    "{{{a}}}",
    "{{properties.a}}",
    "properties.a",
    "$.a.b",
    "$&$'$`$$$1",
    "line\nbreak",
    "quote\"\\",
];

const KEYS: &[&str] = &[
    "a",
    "b",
    "c",
    "0",
    "1",
    "10",
    "01",
    "4294967295",
    "-1",
    "length",
    "",
    "A",
    "é",
    "😀",
    "a b",
    "a.b",
    "\"",
    "\\",
    "properties",
    "name",
    "category",
    "title",
    "address",
    "categoryPreferences",
    "latitude",
    "wifi",
    "city",
    "adTracking_Enabled",
];

fn text(text: &&str) -> String {
    (*text).to_owned()
}

fn keys() -> impl Strategy<Value = String> {
    prop_oneof![8 => select(KEYS).prop_map(|key| text(&key)), 1 => "[a-c0-2\"\\\\é]{0,3}"]
}

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        3 => select(NUMBERS).prop_map(Value::from),
        6 => select(TEXTS).prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ]
}

/// Any JSON.
pub fn values() -> impl Strategy<Value = Value> {
    scalars().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((keys(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// The text of a row: keys may be there twice, characters may be escaped, blanks may stand between.
pub fn rows() -> impl Strategy<Value = String> {
    vec((written_keys(), values()), 0..10).prop_map(|fields| {
        let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        row(&keys, &values)
    })
}

/// An extract: rows with the same columns in the same order, but at times others.
pub fn extracts() -> impl Strategy<Value = Vec<String>> {
    let columns = vec(vec(written_keys(), 0..6), 1..4);
    let cells = vec((any::<prop::sample::Index>(), vec(values(), 6)), 1..8);
    (columns, cells).prop_map(|(columns, cells)| {
        let rows = cells
            .iter()
            .map(|(layout, cells)| row(&columns[layout.index(columns.len())], cells));
        rows.collect()
    })
}

/// Rows with objects in them that have keys twice, at any depth, and at times by another spelling.
pub fn repeating_rows() -> impl Strategy<Value = String> {
    let fields = vec((written_keys(), values()), 0..6);
    (fields, vec(any::<u8>(), 40)).prop_map(|(fields, choices)| {
        let mut choices = choices.into_iter().cycle();
        let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        let values: Vec<_> = values.iter().map(|value| repeating(value, &mut choices)).collect();
        row(&keys, &values)
    })
}

/// The text of a value whose objects name fields before they give them their value.
fn repeating(value: &Value, choices: &mut impl Iterator<Item = u8>) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| repeating(item, choices)).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let mut texts = Vec::new();
            for (key, value) in fields {
                match choices.next().unwrap_or_default() % 4 {
                    0 => texts.push(format!("{}:1", json!(key))),
                    1 => texts.insert(0, format!("{}:{{\"a\":1,\"a\":2}}", escaped(key))),
                    _ => {}
                }
                texts.push(format!("{}:{}", json!(key), repeating(value, choices)));
            }
            format!("{{{}}}", texts.join(","))
        }
        other => other.to_string(),
    }
}

fn row(keys: &[String], values: &[impl Display]) -> String {
    let fields: Vec<_> = keys
        .iter()
        .zip(values)
        .map(|(key, value)| format!("{key}:{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// A key as JSON, perhaps with escapes or blanks.
fn written_keys() -> impl Strategy<Value = String> {
    (keys(), 0..12_u8).prop_map(|(key, style)| match style {
        0 => escaped(&key),
        1 => format!(" \n{} ", json!(key)),
        _ => json!(key).to_string(),
    })
}

/// A JSON string of escapes only.
fn escaped(text: &str) -> String {
    let units = text.encode_utf16().fold(String::new(), |mut out, unit| {
        let _ = write!(out, "\\u{unit:04x}");
        out
    });
    format!("\"{units}\"")
}

/// Paths of all shapes, most of which lead to something.
pub fn paths() -> impl Strategy<Value = String> {
    let key = || prop_oneof![5 => select(&KEYS[..10]).prop_map(|key| text(&key)), 1 => keys()];
    let step = prop_oneof![
        6 => key().prop_map(|key| format!(".{key}")),
        1 => key().prop_map(|key| format!("['{key}']")),
        1 => key().prop_map(|key| format!("[{key}]")),
        1 => select(&[".", "..", "[", "]", "]]", "[\"", "$", "$.", "'"][..]).prop_map(|odd| text(&odd)),
    ];
    let root = select(
        &[
            "$.properties",
            "properties",
            "$.type",
            "$.event",
            "$.",
            "",
            "$",
            "$.properties.",
        ][..],
    );
    (root, vec(step, 0..4)).prop_map(|(root, steps)| format!("{root}{}", steps.concat()))
}

fn templates() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        paths().prop_map(|path| format!("{{{{{}}}}}", path.replace("$.", ""))),
        paths().prop_map(|path| format!("{{{{{{ {path} }}}}}}")),
        select(&["{{", "}}", "{", "}", " ", "a", "{{}}", "{{ }}", "é"][..]).prop_map(|part| text(&part)),
    ];
    vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn liquid() -> impl Strategy<Value = String> {
    let template = [
        "{{ properties | json }}",
        "{{ properties.a.b | upcase }}{{ a | size }}",
        "{% increment b %}{% if properties.a == properties.b %}x{% else %}{{ properties.c }}{% endif %}",
        "{% for a in b %}{% endfor %}",
        "{{ a | map: 'b' }}",
        "{{ properties.a | split: ',' | join: '-' | append: properties.b }}",
    ];
    select(template.map(str::to_owned).to_vec())
}

/// Mappings of anything, of every directive.
pub fn mappings() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        2 => values(),
        6 => paths().prop_map(|path| json!({ "@path": path })),
        2 => templates().prop_map(|template| json!({ "@template": template })),
        1 => liquid().prop_map(|template| json!({ "@liquid": template })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| directives(&inner))
}

fn directives(inner: &BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let part = || inner.clone();
    let computed = inner.clone().prop_map(|value| match value {
        Value::Object(fields) if fields.keys().any(|key| key.starts_with('@')) => Value::Object(fields),
        Value::String(text) => Value::String(text),
        other => json!({ "@literal": other }),
    });
    let object = vec((keys(), part()), 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
        .boxed();
    // Of the mappings in lists, which are not checked before, `@transform` checks its own: so it has to be valid.
    let merged = inner.clone().prop_map(|value| match value {
        Value::Object(fields) => Value::Object(fields),
        other => json!({ "@literal": other }),
    });
    let short = select(&["a", "A", ".", "é", "ß", "😀", "1", "\"", "$&"][..]);
    let flags = || select(vec![None, Some(true), Some(false)]);
    prop_oneof![
        (part(), part(), part()).prop_map(|(a, b, c)| json!({"@if": {"exists": a, "then": b, "else": c}})),
        (part(), part()).prop_map(|(a, b)| json!({"@if": {"blank": a, "then": b, "else": "none"}})),
        (
            vec(prop_oneof![2 => object.clone(), 1 => merged], 0..4),
            select(&["left", "right", "RIGHT"][..])
        )
            .prop_map(|(objects, direction)| json!({"@merge": {"objects": objects, "direction": direction}})),
        (object.clone(), object.clone())
            .prop_map(|(apply, mapping)| json!({"@transform": {"apply": apply, "mapping": mapping}})),
        (computed.clone(), object.clone()).prop_map(|(root, shape)| json!({"@arrayPath": [root, shape]})),
        (paths(), object.clone()).prop_map(|(root, shape)| json!({"@arrayPath": [root, shape]})),
        (paths(), part()).prop_map(|(root, shape)| json!({"@arrayPath": [root, shape]})),
        part().prop_map(|a| json!({"@excludeWhenNull": a})),
        part().prop_map(|a| json!({"@literal": a, "_metadata": {"label": "x"}})),
        computed.clone().prop_map(|a| json!({ "@path": a })),
        computed.clone().prop_map(|a| json!({ "@template": a })),
        (part(), select(&[".", "_", "", "é"][..]), flags()).prop_map(|(a, separator, omits)| {
            json!({"@flatten": with("omitArrays", omits, json!({"value": a, "separator": separator}))})
        }),
        (part(), select(&["encode", "decode", "ENCODE"][..]))
            .prop_map(|(a, mode)| json!({"@json": {"mode": mode, "value": a}})),
        (computed.clone(), select(&["upper", "lower", "UPPER", ""][..]))
            .prop_map(|(a, operator)| json!({"@case": {"operator": operator, "value": a}})),
        (
            computed,
            short.clone(),
            select(&["", "-", "$&$'", "$$`$1", "$`"][..]),
            flags(),
            flags()
        )
            .prop_map(|(a, pattern, replacement, global, ignore_case)| {
                let options = json!({"pattern": pattern, "replacement": replacement, "value": a, "pattern2": "a"});
                let options = with("global", global, options);
                json!({"@replace": with("ignorecase", ignore_case, options)})
            }),
        vec(part(), 0..4).prop_map(Value::from),
        object,
    ]
    .boxed()
}

fn with(key: &str, flag: Option<bool>, mut options: Value) -> Value {
    if let Some(flag) = flag {
        options[key] = flag.into();
    }
    options
}

const TEXT_FIELDS: &[&str] = &[
    "user_id",
    "anonymous_id",
    "group_id",
    "timestamp",
    "page_name",
    "page_category",
    "screen_name",
    "event_name",
    "ip_address",
    "locale",
    "user_agent",
    "timezone",
    "message_id",
];
const OBJECT_FIELDS: &[&str] = &[
    "properties",
    "traits",
    "consent",
    "application",
    "campaign_parameters",
    "device",
    "location",
    "network",
    "operating_system",
    "page",
    "screen",
    "address",
];
const INNER_KEYS: &[&str] = &[
    "name",
    "version",
    "source",
    "id",
    "adTracking_Enabled",
    "city",
    "latitude",
    "speed",
    "bluetooth",
    "carrier",
    "path",
    "title",
    "url",
    "width",
    "street",
    "postalCode",
    "address",
    "category",
    "categoryPreferences",
    "other",
    "7",
];

/// Whole mappings, so that calls and rejections are both frequent.
pub fn fields() -> impl Strategy<Value = Value> {
    let simple = || {
        prop_oneof![
            4 => paths().prop_map(|path| json!({ "@path": path })),
            2 => templates().prop_map(|template| json!({ "@template": template })),
            3 => scalars(),
        ]
        .boxed()
    };
    let texts = vec((select(TEXT_FIELDS), prop_oneof![9 => simple(), 1 => mappings()]), 0..6);
    let inner = vec((select(INNER_KEYS), prop_oneof![3 => simple(), 1 => mappings()]), 0..5).prop_map(object);
    let whole = prop_oneof![
        Just(json!({"@path": "$.properties"})),
        Just(json!({"@excludeWhenNull": {"@path": "$.properties"}})),
        mappings(),
        inner.clone().prop_map(
            |fields| json!({"@merge": {"objects": [fields, {"@path": "$.properties"}], "direction": "right"}})
        ),
    ];
    let objects = vec((select(OBJECT_FIELDS), prop_oneof![3 => inner, 1 => whole]), 0..5);
    let preferences = simple().prop_map(|value| json!({"categoryPreferences": {"a": value}, "x": 1}));
    let chances = (weighted(0.6), weighted(0.2), weighted(0.1), weighted(0.1));
    (texts, objects, chances, preferences).prop_map(|(texts, objects, chances, preferences)| {
        let given = texts.into_iter().chain(objects);
        let mut fields: Map<_, _> = given.map(|(key, value)| (key.to_owned(), value)).collect();
        let (is_likely_whole, has_consent, fails, has_root) = chances;
        // What every call needs.
        if is_likely_whole {
            fields.insert("user_id".to_owned(), json!("u"));
            fields.insert("event_name".to_owned(), json!({"@template": "E"}));
            fields.insert("group_id".to_owned(), json!(7));
        }
        if has_consent {
            fields.insert("consent".to_owned(), preferences);
        }
        if fails {
            fields.insert("unknown".to_owned(), json!({"@case": {"value": {"@path": "$.a"}}}));
        }
        if has_root {
            let root = json!({"@transform": {"apply": {"properties": {"@path": "$.properties"}}}});
            fields.insert("__segment_internal_directive".to_owned(), root);
        }
        Value::Object(fields)
    })
}

fn object(fields: Vec<(&str, Value)>) -> Value {
    Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
