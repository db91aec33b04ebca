//! What each column becomes, worked out once from the schema.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use arrow_schema::extension::EXTENSION_TYPE_NAME_KEY;
use arrow_schema::{DataType, Field, Fields, IntervalUnit};
use mapping::MAX_DEPTH;
use mapping::write_json_string;

use crate::{ColumnType, ExtractError};

/// What an array's values become beyond what its type says, and those of the arrays inside.
#[derive(Debug)]
pub(super) enum Plan {
    /// As the type says.
    Plain,
    /// 16 bytes that are a UUID.
    Uuid,
    /// Strings that hold JSON, to lie in so many lists and objects besides the row.
    Json {
        depth: usize,
    },
    List(Box<Plan>),
    Struct(Vec<MemberPlan>),
    Map(Box<Plan>, Box<Plan>),
    /// Values that stand elsewhere: in a dictionary, or once for many rows.
    Indirect(Box<Plan>),
}

/// One field of a struct.
#[derive(Debug)]
pub(super) struct MemberPlan {
    /// Where it is in the struct.
    pub(super) place: usize,
    /// What opens it in the text.
    pub(super) opening: Vec<u8>,
    pub(super) plan: Plan,
}

/// Returns the places of the fields that are written, in their order: of one name the last field in the first one's place.
pub(super) fn lasting(fields: &Fields) -> Vec<usize> {
    let mut names = HashMap::new();
    let mut places = Vec::with_capacity(fields.len());
    for (place, field) in fields.iter().enumerate() {
        match names.entry(field.name()) {
            Entry::Occupied(first) => places[*first.get()] = place,
            Entry::Vacant(vacant) => {
                vacant.insert(places.len());
                places.push(place);
            }
        }
    }
    places
}

impl Plan {
    /// # Errors
    /// When values of the column cannot be JSON in a row, whatever they are.
    pub(super) fn new(field: &Field) -> Result<Self, ExtractError> {
        Self::within(field, field.name(), 0)
    }

    /// The plan of a field in `depth` lists and objects besides the row; `path` is what people call it.
    fn within(field: &Field, path: &str, depth: usize) -> Result<Self, ExtractError> {
        let is_nested = field.data_type().is_nested() && !is_indirect(field.data_type());
        if is_nested && depth + 1 >= MAX_DEPTH {
            return Err(ExtractError::ColumnTooDeep {
                column: path.to_owned(),
            });
        }
        let boxed = |field: &Field, depth| Self::within(field, path, depth).map(Box::new);
        Ok(match field.data_type() {
            DataType::List(item)
            | DataType::LargeList(item)
            | DataType::FixedSizeList(item, _)
            | DataType::ListView(item)
            | DataType::LargeListView(item) => Self::List(boxed(item, depth + 1)?),
            DataType::Struct(fields) => Self::Struct(Self::members(fields, path, depth + 1)?),
            DataType::Map(entries, _) => {
                let DataType::Struct(fields) = entries.data_type() else {
                    return Err(unsupported(field, path));
                };
                let [key, value] = fields.as_ref() else {
                    return Err(unsupported(field, path));
                };
                Self::Map(boxed(key, depth + 1)?, boxed(value, depth + 1)?)
            }
            // What is said of a dictionary is said of its values.
            DataType::Dictionary(_, value) => {
                let value = field.clone().with_data_type(value.as_ref().clone());
                Self::Indirect(boxed(&value, depth)?)
            }
            DataType::RunEndEncoded(_, value) => Self::Indirect(boxed(value, depth)?),
            // Of a Parquet interval the reader keeps the months or the days and milliseconds, so that one is lost but where
            // the file was written from months.
            DataType::Interval(IntervalUnit::DayTime | IntervalUnit::MonthDayNano) | DataType::Union(..) => {
                return Err(unsupported(field, path));
            }
            data_type => Self::scalar(data_type, extension(field), depth),
        })
    }

    fn scalar(data_type: &DataType, extension: Option<&str>, depth: usize) -> Self {
        match (extension, data_type) {
            (Some("arrow.uuid"), DataType::FixedSizeBinary(16)) => Self::Uuid,
            (Some("arrow.json"), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => Self::Json { depth },
            _ => Self::Plain,
        }
    }

    fn members(fields: &Fields, path: &str, depth: usize) -> Result<Vec<MemberPlan>, ExtractError> {
        let member = |(index, place): (usize, usize)| {
            let field = &fields[place];
            let mut opening = vec![if index == 0 { b'{' } else { b',' }];
            write_json_string(field.name(), &mut opening);
            opening.push(b':');
            let plan = Self::within(field, &format!("{path}.{}", field.name()), depth)?;
            Ok(MemberPlan { place, opening, plan })
        };
        lasting(fields).into_iter().enumerate().map(member).collect()
    }

    /// Whether values of the type already are what `types` calls `kind`.
    pub(super) fn is_already(&self, data_type: &DataType, kind: ColumnType) -> bool {
        match (self, data_type) {
            (Self::Indirect(plan), DataType::Dictionary(_, value)) => plan.is_already(value, kind),
            (Self::Indirect(plan), DataType::RunEndEncoded(_, value)) => plan.is_already(value.data_type(), kind),
            (Self::Plain, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => kind == ColumnType::String,
            (Self::Plain, DataType::Boolean) => kind == ColumnType::Boolean,
            (Self::Plain, data_type) => kind == ColumnType::Number && data_type.is_numeric(),
            (Self::List(_) | Self::Struct(_) | Self::Map(..) | Self::Json { .. }, _) => kind == ColumnType::Json,
            _ => false,
        }
    }
}

fn is_indirect(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..))
}

/// The name of a type that Arrow does not have itself (Arrow columnar format, Extension Types).
fn extension(field: &Field) -> Option<&str> {
    field.metadata().get(EXTENSION_TYPE_NAME_KEY).map(String::as_str)
}

fn unsupported(field: &Field, path: &str) -> ExtractError {
    ExtractError::UnsupportedType {
        column: path.to_owned(),
        found: field.data_type().to_string(),
    }
}
