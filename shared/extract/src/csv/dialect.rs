//! How CSV is written: which bytes delimit, quote and escape, and what stands for NULL.

use serde::{Deserialize, Serialize};

use crate::ExtractError;

/// The `csv` block of a sync document, but for its `columns`.
///
/// Line ends need no setting: LF, CR and CRLF outside quotes all end a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Dialect {
    /// The byte between cells, ASCII. In JSON and YAML a string of one character, as are the next two.
    #[serde(with = "character")]
    #[cfg_attr(feature = "schema", schemars(with = "char", length(equal = 1)))]
    pub delimiter: u8,
    /// The byte around cells that hold delimiters, quotes or line breaks; doubled where it stands for itself.
    #[serde(with = "optional_character")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<char>", length(equal = 1)))]
    pub quote: Option<u8>,
    /// The byte that takes the meaning from the next one; `escape_style` says where. Quotes may be doubled all the same.
    #[serde(with = "optional_character")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<char>", length(equal = 1)))]
    pub escape: Option<u8>,
    /// What the escape does, and where.
    pub escape_style: EscapeStyle,
    /// Whether the first row holds the columns' names.
    pub header: bool,
    /// Cells that are NULL, in full and before escapes are resolved. A quoted cell is not, unless `quoted_null` is set.
    #[cfg_attr(feature = "schema", schemars(schema_with = "nulls"))]
    pub null: Vec<String>,
    /// Whether quoted cells may be NULL too, by what they say: for writers that quote every cell.
    pub quoted_null: bool,
}

/// What an escape does, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EscapeStyle {
    /// The character behind it stands for itself, inside quotes and outside: Redshift's ESCAPE, Snowflake, Python.
    #[default]
    Plain,
    /// Only inside quotes, and only before a quote or an escape; elsewhere it stands for itself: Spark, and the CSV of
    /// `PostgreSQL` and `DuckDB`.
    Quoted,
    /// As `plain`, but letters and numbers name characters, as `\t`, `\011` and `\x09` do: the text format of
    /// `PostgreSQL`, and `MySQL`.
    Letters,
}

impl EscapeStyle {
    /// Returns the style's name in sync documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Quoted => "quoted",
            Self::Letters => "letters",
        }
    }
}

/// `NULL` without quotes is YAML's null, and is what people write to mean the word.
#[cfg(feature = "schema")]
fn nulls(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "items": {"type": ["string", "number", "boolean", "null"]},
    })
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            escape_style: EscapeStyle::default(),
            header: true,
            null: vec![String::new(), "\\N".to_owned()],
            quoted_null: false,
        }
    }
}

impl Dialect {
    /// Checks that the three bytes can be told apart from each other and from line ends.
    ///
    /// # Errors
    /// [`ExtractError::Dialect`] for the first that cannot.
    pub fn check(&self) -> Result<(), ExtractError> {
        let problem = |setting, byte: u8, remedy| {
            let found = format!("{:?}", char::from(byte).to_string());
            Err(ExtractError::Dialect { setting, found, remedy })
        };
        let bytes = [
            ("delimiter", Some(self.delimiter)),
            ("quote", self.quote),
            ("escape", self.escape),
        ];
        for (setting, byte) in bytes.into_iter().filter_map(|(setting, byte)| Some((setting, byte?))) {
            if !byte.is_ascii() || matches!(byte, b'\r' | b'\n') {
                return problem(setting, byte, "one ASCII character that is no line end");
            }
        }
        if self.quote == Some(self.delimiter) {
            return problem("quote", self.delimiter, "another character than the delimiter, or null");
        }
        if self.escape == Some(self.delimiter) {
            return problem(
                "escape",
                self.delimiter,
                "another character than the delimiter, or null",
            );
        }
        if self.escape_style != EscapeStyle::Plain && self.escape.is_none() {
            return Err(self.useless_style("plain, or an escape"));
        }
        if self.escape_style == EscapeStyle::Quoted && self.quote.is_none() {
            return Err(self.useless_style("plain or letters, or a quote"));
        }
        Ok(())
    }

    fn useless_style(&self, remedy: &'static str) -> ExtractError {
        ExtractError::Dialect {
            setting: "escape_style",
            found: self.escape_style.as_str().to_owned(),
            remedy,
        }
    }

    /// Returns the bytes that mean something, as both scanner and cells read them.
    ///
    /// An escape that is the quote itself says no more than doubling does. A byte that is not ASCII ([`Self::check`]
    /// refuses it) means nothing; 0xFF occurs in no text.
    pub(super) fn marks(&self) -> Marks {
        let quote = self.quote.filter(u8::is_ascii);
        Marks {
            style: self.escape_style,
            delimiter: if self.delimiter.is_ascii() {
                self.delimiter
            } else {
                0xFF
            },
            quote,
            escape: self.escape.filter(u8::is_ascii).filter(|escape| Some(*escape) != quote),
        }
    }
}

/// The bytes of a dialect that mean something, all ASCII or in no text at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) style: EscapeStyle,
}

impl Marks {
    /// The escape, where it means something outside quotes too.
    pub(super) fn plain_escape(self) -> Option<u8> {
        self.escape.filter(|_| self.style != EscapeStyle::Quoted)
    }
}

mod character {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    // Serde hands serializers of fields a reference.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(byte: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(char::from(*byte))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        byte_of(char::deserialize(deserializer)?)
    }

    pub(super) fn byte_of<E: Error>(character: char) -> Result<u8, E> {
        u8::try_from(character)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| E::custom(format!("{character:?} is not an ASCII character")))
    }
}

mod optional_character {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature is serde's"
    )]
    pub(super) fn serialize<S: Serializer>(byte: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        byte.map(char::from).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        Option::<char>::deserialize(deserializer)?
            .map(super::character::byte_of)
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(dialect: &Dialect) -> String {
        dialect.check().unwrap_err().to_string()
    }

    #[test]
    fn takes_what_warehouses_use() {
        for delimiter in [b',', b'|', b'\t', 1] {
            assert_eq!(
                Dialect {
                    delimiter,
                    escape: Some(b'\\'),
                    ..Dialect::default()
                }
                .check(),
                Ok(())
            );
        }
        assert_eq!(
            Dialect {
                escape: Some(b'"'),
                ..Dialect::default()
            }
            .check(),
            Ok(())
        );
    }

    #[test]
    fn refuses_bytes_that_cannot_be_told_apart() {
        let line_end = Dialect {
            delimiter: b'\n',
            ..Dialect::default()
        };
        assert_eq!(
            refusal(&line_end),
            r#"csv.delimiter cannot be "\n"; write one ASCII character that is no line end"#
        );
        let same = Dialect {
            quote: Some(b','),
            ..Dialect::default()
        };
        assert_eq!(
            refusal(&same),
            r#"csv.quote cannot be ","; write another character than the delimiter, or null"#
        );
        let beyond = Dialect {
            escape: Some(0xE9),
            ..Dialect::default()
        };
        assert!(refusal(&beyond).starts_with("csv.escape cannot be \"é\""));
    }

    #[test]
    fn refuses_a_style_that_says_nothing() {
        let without = Dialect {
            escape_style: EscapeStyle::Letters,
            ..Dialect::default()
        };
        assert_eq!(
            refusal(&without),
            "csv.escape_style cannot be letters; write plain, or an escape"
        );
        let unquoted = Dialect {
            quote: None,
            escape: Some(b'\\'),
            escape_style: EscapeStyle::Quoted,
            ..Dialect::default()
        };
        assert_eq!(
            refusal(&unquoted),
            "csv.escape_style cannot be quoted; write plain or letters, or a quote"
        );
    }

    #[test]
    fn is_written_with_characters() {
        let read: Dialect = serde_json::from_str(r#"{"delimiter": "\t", "quote": null}"#).unwrap();
        assert_eq!(
            read,
            Dialect {
                delimiter: b'\t',
                quote: None,
                ..Dialect::default()
            }
        );
        for wrong in [r#"{"delimiter": "é"}"#, r#"{"delimiter": ""}"#, r#"{"quote": "''"}"#] {
            assert!(serde_json::from_str::<Dialect>(wrong).is_err(), "{wrong}");
        }
    }
}
