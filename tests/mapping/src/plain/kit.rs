//! Segment's mapping kit, interpreted for each row (reference: "Mapping kit").

use super::js::{Js, Object, ordered, units};
use super::path::{get, template};

type Resolved = Result<Js, String>;

const ROOT_DIRECTIVE: &str = "__segment_internal_directive";

/// Resolves a whole mapping on a payload. A mapping is taken to be valid; what is wrong with it is not told.
pub(super) fn transform(mapping: &Js, payload: &Js) -> Resolved {
    let nothing = Js::Object(Object::new());
    let payload = match payload {
        Js::Undefined => &nothing,
        Js::Object(_) => payload,
        other => return Err(format!("data must be an object, got {}", other.type_name())),
    };
    let resolved = match mapping {
        Js::Object(fields) if fields.contains_key(ROOT_DIRECTIVE) => resolve(&rooted(fields)?, payload),
        _ => resolve(mapping, payload),
    };
    Ok(resolved?.without_undefined())
}

/// The root directive, with all other fields as its `mapping`.
fn rooted(fields: &Object) -> Resolved {
    let mut others = fields.clone();
    let Some(Js::Object(mut root)) = others.shift_remove(ROOT_DIRECTIVE) else {
        return Err("The root directive must be an object".to_owned());
    };
    if let Some((_, Js::Object(options))) = root.iter_mut().next() {
        options.insert("mapping".to_owned(), Js::Object(others));
    }
    Ok(Js::Object(root))
}

/// Resolves a part of a mapping.
fn resolve(mapping: &Js, payload: &Js) -> Resolved {
    match mapping {
        Js::Array(items) => Ok(Js::Array(
            items
                .iter()
                .map(|item| resolve(item, payload))
                .collect::<Result<_, _>>()?,
        )),
        Js::Object(fields) => {
            if let Some((name, options)) = directive_of(fields) {
                return directive(name, options, payload);
            }
            let resolved = fields
                .iter()
                .map(|(key, value)| Ok((key.clone(), resolve(value, payload)?)));
            Ok(Js::Object(resolved.collect::<Result<_, String>>()?))
        }
        constant => Ok(constant.clone()),
    }
}

fn directive_of(fields: &Object) -> Option<(&str, &Js)> {
    if fields.keys().any(|key| !key.starts_with('@') && key != "_metadata") {
        return None;
    }
    let (name, options) = fields.iter().find(|(key, _)| key.starts_with('@'))?;
    Some((name, options))
}

fn directive(name: &str, options: &Js, payload: &Js) -> Resolved {
    match name {
        "@path" => Ok(get(payload, &rootless(&text(name, resolve(options, payload)?)?))),
        "@template" => Ok(Js::Text(template(&text(name, resolve(options, payload)?)?, payload))),
        "@literal" => resolve(options, payload),
        "@if" => condition(options, payload),
        "@case" => case(options, payload),
        "@replace" => replace(options, payload),
        "@arrayPath" => array_path(options, payload),
        "@flatten" => flatten(options, payload),
        "@json" => json(options, payload),
        "@merge" => merge(options, payload),
        "@transform" => {
            let applied = transform(&options.property("apply"), payload)?;
            resolve(&options.property("mapping"), &applied)
        }
        "@excludeWhenNull" => Ok(match resolve(options, payload)? {
            Js::Null => Js::Undefined,
            value => without_nulls(value),
        }),
        "@liquid" => liquid(options, payload),
        unknown => Err(format!("{unknown} is not a valid directive, got undefined")),
    }
}

fn rootless(path: &str) -> String {
    path.replacen("$.", "", 1)
}

fn text(directive: &str, value: Js) -> Result<String, String> {
    match value {
        Js::Text(text) => Ok(text),
        other => Err(format!("{directive}: expected string, got {}", other.type_name())),
    }
}

fn condition(options: &Js, payload: &Js) -> Resolved {
    let (exists, blank) = (options.property("exists"), options.property("blank"));
    if !exists.is_truthy() && !blank.is_truthy() {
        return Err("@if requires an \"exists\" key or a \"blank\" key".to_owned());
    }
    let is_there = if *exists == Js::Undefined {
        let value = resolve(&blank, payload)?;
        !value.is_nullish() && !equals_empty_text(&value)
    } else {
        !resolve(&exists, payload)?.is_nullish()
    };
    let otherwise = options.property("else");
    match is_there {
        true => resolve(&options.property("then"), payload),
        false if otherwise.is_truthy() => resolve(&otherwise, payload),
        false => Ok(Js::Undefined),
    }
}

/// `value == ''`
fn equals_empty_text(value: &Js) -> bool {
    match value {
        Js::Number(number) => *number == 0.0,
        Js::Bool(value) => !value,
        Js::Text(_) | Js::Array(_) => value.to_text().is_empty(),
        _ => false,
    }
}

fn case(options: &Js, payload: &Js) -> Resolved {
    let operator = options.property("operator");
    if !operator.is_truthy() {
        return Err("@case requires a \"operator\" key".to_owned());
    }
    let value = options.property("value");
    if !value.is_truthy() {
        return Ok(Js::Undefined);
    }
    let Js::Text(text) = resolve(&value, payload)? else {
        return resolve(&value, payload);
    };
    match operator.to_text().as_str() {
        "lower" => Ok(Js::Text(text.to_lowercase())),
        "upper" => Ok(Js::Text(text.to_uppercase())),
        _ => Err("operator key should have a value of \"lower\" or \"upper\"".to_owned()),
    }
}

fn replace(options: &Js, payload: &Js) -> Resolved {
    let value = options.property("value");
    if !value.is_truthy() {
        return Ok(Js::Undefined);
    }
    let value = resolve(&value, payload)?;
    if !matches!(value, Js::Text(_) | Js::Number(_) | Js::Bool(_)) {
        return Ok(Js::text(""));
    }
    let all = *options.property("global") != Js::Bool(false);
    let ignore_case = *options.property("ignorecase") == Js::Bool(true);
    let mut text = value.to_text();
    for (pattern, replacement) in [("pattern", "replacement"), ("pattern2", "replacement2")] {
        let (pattern, replacement) = (options.property(pattern), options.property(replacement));
        let replacement = match &*replacement {
            Js::Text(replacement) => replacement,
            _ => "",
        };
        if let Js::Text(pattern) = &*pattern
            && !pattern.is_empty()
        {
            text = replaced(&text, pattern, replacement, all, ignore_case);
        }
    }
    Ok(Js::Text(text))
}

fn replaced(text: &str, pattern: &str, replacement: &str, all: bool, ignore_case: bool) -> String {
    let fold = |c: char| if ignore_case { folded(c) } else { c };
    let pattern: Vec<char> = pattern.chars().map(fold).collect();
    let mut out = String::new();
    let mut at = 0;
    let mut done = false;
    while let Some(c) = text[at..].chars().next() {
        let matched: String = text[at..].chars().take(pattern.len()).collect();
        if !done && matched.chars().map(fold).eq(pattern.iter().copied()) {
            let after = &text[at + matched.len()..];
            out.push_str(&expanded(replacement, &text[..at], &matched, after));
            at += matched.len();
            done = !all;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    out
}

/// What `$$`, `$&`, `` $` `` and `$'` stand for in a replacement.
fn expanded(replacement: &str, before: &str, matched: &str, after: &str) -> String {
    let mut out = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('$', Some('$')) => "$",
            ('$', Some('&')) => matched,
            ('$', Some('`')) => before,
            ('$', Some('\'')) => after,
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push_str(meant);
        chars.next();
    }
    out
}

/// What regular expressions compare where case does not count: the upper-case letter if that is one UTF-16 unit, as
/// the letter is, and not ASCII in place of something else.
fn folded(c: char) -> char {
    let upper: Vec<char> = c.to_uppercase().collect();
    match upper[..] {
        [upper] if upper.len_utf16() == 1 && c.len_utf16() == 1 && (c.is_ascii() || !upper.is_ascii()) => upper,
        _ => c,
    }
}

fn array_path(options: &Js, payload: &Js) -> Resolved {
    let root = match &*options.property("0") {
        Js::Text(path) => get(payload, &rootless(path)),
        computed => resolve(computed, payload)?,
    };
    let shape = options.property("1");
    if !matches!(&*shape, Js::Object(fields) if !fields.is_empty()) {
        return Ok(root);
    }
    let items = match root {
        Js::Array(items) => items,
        Js::Object(_) => vec![root],
        other => return Ok(other),
    };
    Ok(Js::Array(
        items
            .iter()
            .map(|item| resolve(&shape, item))
            .collect::<Result<_, _>>()?,
    ))
}

fn flatten(options: &Js, payload: &Js) -> Resolved {
    let separator = options.property("separator");
    if !separator.is_truthy() {
        return Err("@flatten requires a \"separator\" key".to_owned());
    }
    let Js::Text(separator) = resolve(&separator, payload)? else {
        return Err("@flatten requires a string separator".to_owned());
    };
    let omits_arrays = options.property("omitArrays").is_truthy();
    let mut flat = Object::new();
    flatten_into(
        "",
        resolve(&options.property("value"), payload)?,
        &separator,
        omits_arrays,
        &mut flat,
    );
    Ok(ordered(flat))
}

fn flatten_into(prefix: &str, value: Js, separator: &str, omits_arrays: bool, flat: &mut Object) {
    let entries: Vec<(String, Js)> = match value {
        Js::Object(fields) => fields.into_iter().collect(),
        Js::Array(items) if !omits_arrays => indexed(items),
        leaf => {
            flat.insert(prefix.to_owned(), leaf);
            return;
        }
    };
    for (key, value) in entries {
        let key = if prefix.is_empty() {
            key
        } else {
            format!("{prefix}{separator}{key}")
        };
        flatten_into(&key, value, separator, omits_arrays, flat);
    }
}

fn indexed(items: Vec<Js>) -> Vec<(String, Js)> {
    let indexes = (0..items.len()).map(|index| index.to_string());
    indexes.zip(items).collect()
}

fn json(options: &Js, payload: &Js) -> Resolved {
    for key in ["mode", "value"] {
        if !options.property(key).is_truthy() {
            return Err(format!("@json requires a \"{key}\" key"));
        }
    }
    let value = resolve(&options.property("value"), payload)?;
    Ok(match (options.property("mode").to_text().as_str(), value) {
        ("encode", Js::Undefined) => Js::Undefined,
        ("encode", value) => Js::Text(value.stringify()),
        ("decode", Js::Text(text)) => Js::parse(&text).unwrap_or(Js::Text(text)),
        ("decode", value) => value,
        _ => Js::Undefined,
    })
}

fn merge(options: &Js, payload: &Js) -> Resolved {
    let direction = options.property("direction");
    if !direction.is_truthy() {
        return Err("@merge requires a \"direction\" key".to_owned());
    }
    let direction = resolve(&direction, payload)?;
    let Js::Array(objects) = resolve(&options.property("objects"), payload)? else {
        return Err("@merge requires a \"objects\" key".to_owned());
    };
    let mut objects = objects;
    if direction == Js::text("left") {
        objects.reverse();
    }
    let mut merged = Object::new();
    for object in objects {
        match object {
            Js::Object(fields) => merged.extend(fields),
            Js::Array(items) => merged.extend(indexed(items)),
            Js::Text(text) => merged.extend(indexed(units(&text))),
            _ => {}
        }
    }
    Ok(ordered(merged))
}

/// Removes nulls from objects in objects; arrays stay as they are.
fn without_nulls(value: Js) -> Js {
    match value {
        Js::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| *value != Js::Null);
            Js::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        other => other,
    }
}

/// The only directive that is not written again: the engine's own Liquid, with the template read anew for each row.
/// The payload is handed over as the only item of an array, because it need not be an object.
fn liquid(template: &Js, payload: &Js) -> Resolved {
    let event = format!("{{\"payload\":[{}]}}", payload.stringify());
    let mapping = serde_json::json!({"@arrayPath": ["$.payload", {"@liquid": template}]});
    let mut index = mapping::Index::default();
    let record = index.of(&event).map_err(|error| error.to_string())?;
    let fields = mapping::Fields::compile(&mapping).map_err(|problems| problems.to_string())?;
    let arena = bumpalo::Bump::new();
    let event = mapping::Event::Whole(record);
    let rendered = fields.resolve(&event, &arena).map_err(|error| error.to_string())?;
    let rendered = mapping::to_json(rendered, &arena).unwrap_or_default();
    let rendered = Js::parse(&rendered).map_err(|error| error.to_string())?;
    Ok(rendered.property("0").into_owned())
}
