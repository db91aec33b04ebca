//! `json`: values as JSON text, indented on request.

use super::{Input, place};
use crate::Value;
use crate::directive::liquid::fault::Outcome;
use crate::directive::liquid::runtime::Runtime;
use crate::directive::liquid::unit;
use crate::json::string::write_json_string;
use crate::json::write::write_number;

pub(super) fn json<'a>(input: &Input<'_, 'a>) -> Outcome<Value<'a>> {
    if matches!(input.value, Value::Undefined) {
        return Ok(Value::Undefined);
    }
    let space = input.argument(0);
    let indent = match (space.as_f64(), space.text_in(input.runtime.arena)) {
        // A fraction of a blank breaks lines, as V8 does, but is no blank.
        (Some(width), _) => (width > 0.0).then(|| " ".repeat(place(width).min(10))),
        (None, text) => text
            .filter(|text| !text.is_empty())
            // V8 takes the indent's text up to a NUL.
            .map(|text| unit::slice(text, 0, 10).split('\0').take(1).collect()),
    };
    let mut writer = Writer {
        runtime: input.runtime,
        indent: indent.as_deref(),
        out: Vec::new(),
    };
    writer.write(input.value, 0)?;
    let text = String::from_utf8_lossy(&writer.out);
    Ok(Value::Text(input.runtime.arena.alloc_str(&text)))
}

/// Writes a text as JSON spells it: half of a pair as an escape.
fn write_text(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    write_json_string(text, out);
    let spelled = std::str::from_utf8(&out[start..]).unwrap_or_default();
    if unit::has_halves(spelled) {
        let escaped: String = spelled
            .chars()
            .map(|c| unit::unit_of(c).map_or_else(|| c.to_string(), |half| format!("\\u{half:04x}")))
            .collect();
        out.truncate(start);
        out.extend_from_slice(escaped.as_bytes());
    }
}

struct Writer<'r, 'a> {
    runtime: &'r Runtime<'a>,
    /// What each level adds at the start of its lines; without it all is on one line.
    indent: Option<&'r str>,
    out: Vec<u8>,
}

impl<'a> Writer<'_, 'a> {
    fn write(&mut self, value: Value<'a>, depth: usize) -> Outcome<()> {
        let before = self.out.len();
        if let Some(items) = value.items(self.runtime.arena) {
            self.list(*b"[]", items.iter(), depth, |writer, item| {
                writer.write(*item, depth + 1)
            })
        } else if let Some(fields) = value.entries(self.runtime.arena) {
            let fields = fields.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
            self.list(*b"{}", fields, depth, |writer, (key, value)| {
                write_text(key, &mut writer.out);
                let colon: &[u8] = if writer.indent.is_some() { b": " } else { b":" };
                writer.out.extend_from_slice(colon);
                writer.write(*value, depth + 1)
            })
        } else {
            match value {
                Value::Bool(value) => self.out.extend_from_slice(if value { b"true" } else { b"false" }),
                _ => match (value.as_f64(), value.text_in(self.runtime.arena)) {
                    (Some(number), _) => write_number(number, &mut self.out),
                    (None, Some(text)) => write_text(text, &mut self.out),
                    (None, None) => self.out.extend_from_slice(b"null"),
                },
            }
            self.runtime.build(self.out.len() - before)
        }
    }

    fn list<T>(
        &mut self,
        brackets: [u8; 2],
        items: impl Iterator<Item = T>,
        depth: usize,
        mut write: impl FnMut(&mut Self, T) -> Outcome<()>,
    ) -> Outcome<()> {
        self.out.push(brackets[0]);
        let mut is_empty = true;
        for item in items {
            if !is_empty {
                self.out.push(b',');
            }
            is_empty = false;
            self.break_line(depth + 1)?;
            write(self, item)?;
        }
        if !is_empty {
            self.break_line(depth)?;
        }
        self.out.push(brackets[1]);
        self.runtime.build(2)
    }

    fn break_line(&mut self, depth: usize) -> Outcome<()> {
        let Some(indent) = self.indent else { return Ok(()) };
        self.runtime.build(1 + depth * indent.len())?;
        self.out.push(b'\n');
        for _ in 0..depth {
            self.out.extend_from_slice(indent.as_bytes());
        }
        Ok(())
    }
}
