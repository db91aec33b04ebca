//! Random conditions and events that have something to do with each other.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::oracle::{Condition, Literal};

type Path = &'static [&'static str];

const PATHS: [Path; 9] = [
    &["type"],
    &["event"],
    &["userId"],
    &["name"],
    &["properties", "a"],
    &["properties", "a", "b"],
    &["properties", "x y"],
    &["traits", "c"],
    &["groupId"],
];
const TEXTS: [&str; 6] = ["", "a", "b", "ab", "aba", "true"];
const PATTERNS: [&str; 9] = ["a*", "*a", "*", "ab", "*b*", "a*b", "a?a", "", "a\\*"];

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        5 => select(&TEXTS[..]).prop_map(Literal::Double),
        1 => select(&TEXTS[..]).prop_map(Literal::Single),
        3 => select(&[0.0, 1.0, -1.5][..]).prop_map(Literal::Number),
        2 => any::<bool>().prop_map(Literal::Bool),
        1 => Just(Literal::Null),
    ]
}

fn atom() -> impl Strategy<Value = Condition> {
    let path = || select(&PATHS[..]);
    let equality = (
        path(),
        select(&["=", "!="][..]),
        literal(),
        proptest::bool::weighted(0.1),
    );
    let order = (
        path(),
        select(&["<", "<=", ">", ">="][..]),
        select(&[0.0, 1.0, -1.5][..]),
        proptest::bool::weighted(0.1),
    );
    prop_oneof![
        6 => equality.prop_map(|(path, operator, literal, turned)| Condition::Compare { path, operator, literal, turned }),
        2 => order.prop_map(|(path, operator, number, turned)| Condition::Compare { path, operator, literal: Literal::Number(number), turned }),
        1 => (path(), proptest::collection::vec(literal(), 1..3)).prop_map(|(path, literals)| Condition::In(path, literals)),
        2 => (path(), select(&TEXTS[..])).prop_map(|(path, text)| Condition::Contains(path, text)),
        2 => (path(), select(&PATTERNS[..])).prop_map(|(path, pattern)| Condition::Match(path, pattern)),
        1 => path().prop_map(Condition::Field),
    ]
}

/// A condition that Segment's destinations mostly read as it is meant.
pub(super) fn plain() -> impl Strategy<Value = Condition> {
    let path = || select(&PATHS[4..8]);
    let literal = prop_oneof![
        3 => select(&TEXTS[..]).prop_map(Literal::Double),
        2 => select(&[0.0, 1.0, -1.5][..]).prop_map(Literal::Number),
        1 => any::<bool>().prop_map(Literal::Bool),
        1 => Just(Literal::Null),
    ];
    let compare = |path, operator, literal| Condition::Compare {
        path,
        operator,
        literal,
        turned: false,
    };
    let equality = (path(), select(&["=", "=", "!="][..]), literal);
    let order = (
        path(),
        select(&["<", "<=", ">", ">="][..]),
        select(&[0.0, 1.0, -1.5][..]),
    );
    let call = (path(), select(&PATTERNS[..3]), select(&TEXTS[..]), any::<bool>());
    let call = call.prop_map(|(path, pattern, text, matches)| {
        if matches {
            Condition::Match(path, pattern)
        } else {
            Condition::Contains(path, text)
        }
    });
    let test = prop_oneof![
        4 => equality.prop_map(move |(path, operator, literal)| compare(path, operator, literal)),
        1 => order.prop_map(move |(path, operator, number)| compare(path, operator, Literal::Number(number))),
        1 => call.clone(),
        1 => call.prop_map(|call| Condition::Not(Box::new(call))),
    ];
    let level = proptest::collection::vec(test, 1..4);
    (proptest::collection::vec(level, 1..3), any::<bool>()).prop_map(|(levels, any)| {
        let inner = |level| {
            if any {
                Condition::And(level)
            } else {
                Condition::Or(level)
            }
        };
        let levels = levels.into_iter().map(inner).collect();
        if any {
            Condition::Or(levels)
        } else {
            Condition::And(levels)
        }
    })
}

pub(super) fn condition() -> impl Strategy<Value = Condition> {
    atom().prop_recursive(3, 8, 3, |inner| {
        let parts = proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            3 => parts.clone().prop_map(Condition::And),
            3 => parts.prop_map(Condition::Or),
            1 => inner.prop_map(|inside| Condition::Not(Box::new(inside))),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(Value::from),
        3 => select(vec![json!(0), json!(1), json!(-1.5), json!(2)]),
        2 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

pub(super) fn event() -> impl Strategy<Value = Value> {
    let value = prop_oneof![scalar(), scalar().prop_map(|inside| json!({ "b": inside }))];
    let values = [
        value.clone().boxed(),
        scalar().boxed(),
        scalar().boxed(),
        scalar().boxed(),
    ]
    .map(proptest::option::of);
    let texts = proptest::collection::vec(proptest::option::of(select(&TEXTS[..])), 4);
    (values, texts).prop_map(|([a, xy, c, group], texts)| {
        let mut event = Map::new();
        for (key, text) in ["type", "event", "userId", "name"].into_iter().zip(texts) {
            event.extend(text.map(|text| (key.to_owned(), Value::from(text))));
        }
        let object = |fields: Vec<(&str, Option<Value>)>| {
            let there = fields
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)));
            Value::Object(there.collect())
        };
        event.insert("properties".into(), object(vec![("a", a), ("x y", xy)]));
        event.insert("traits".into(), object(vec![("c", c)]));
        event.extend(group.map(|group| ("groupId".to_owned(), group)));
        Value::Object(event)
    })
}
