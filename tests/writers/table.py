"""The table: columns of every type, with values that writers and readers have stumbled over."""

import datetime
import decimal
import math
import uuid

import pyarrow as pa

TEXTS = [
    "plain", "", " lead", "trail ", "\ttab\t", "a\nb", "a\r\nb", "a\rb", "\n", "\r", "\r\n", "ends\n", "\nbegins",
    'a"b', '"', '""', '"quoted"', 'a","b', "it's", "''", "a,b", "a;b", "a|b", "a\x01b", "a\x1fb", ",", "\\", "\\\\", "a\\b",
    "ends\\", '\\"', 'a\\",b', "\\n", "\\N", "\\.", "NULL", "null", "None", "NA", "NaN", "nan", "N/A", "inf", "true", "0", "1e5", "007",
    "😀", "👩‍👩‍👧‍👦", "e\u0301", "é", "日本語", "עברית", "\ufeffbom", "in\ufeffside", "\u2028\u2029", "\u0085", "\u200b", "\ufffd", "\U0010ffff", "\u00a0",
    "\x7f", "\x1b[0m", "\x08\x0c", "</script>", "a/b", "{}", "[1,2]", '{"a": 1}', "$1.00", "1,234.5", "=1+1", "# comment",
    "2024-02-29", "-", "--", "x" * 3000, "é" * 700, 'line,"\n' * 40,
]  # fmt: skip
NUL = "nul\x00inside"

I64 = [0, 1, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 42]
U64 = [0, 2**64 - 1, 2**63, 2**53 + 1, 7]
F64 = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e308, -1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 1e21, 1e-7, 123456789012345680.0, 9007199254740993.0]
F32 = [0.0, 1.5, 0.1, 3.4028235e38, 1e-45, 16777217.0]
WEIRD = [math.nan, math.inf, -math.inf]
D10 = [decimal.Decimal(text) for text in (
    "0", "1", "-1", "0.0000000001", "-0.0000000001", "9999999999999999999999999999.9999999999",
    "-9999999999999999999999999999.9999999999", "12345678901234567890.1234567890", "100", "0.1", "1.10")]
D2 = [decimal.Decimal(text) for text in ("0.00", "19.99", "-0.01", "9999999999999999.99", "-9999999999999999.99", "1.50")]
D4 = [decimal.Decimal(text) for text in ("0.00", "99.99", "-99.99", "-0.01")]
DAYS = [datetime.date(*day) for day in (
    (1970, 1, 1), (1969, 12, 31), (2024, 2, 29), (1900, 3, 1), (1582, 10, 4), (1582, 10, 15), (1, 1, 1), (9999, 12, 31), (2038, 1, 19))]
MOMENTS = [datetime.datetime(*moment) for moment in (
    (1970, 1, 1), (1969, 12, 31, 23, 59, 59, 999999), (1969, 12, 31, 23, 59, 59), (2024, 2, 29, 12, 34, 56, 789000),
    (2024, 2, 29, 12, 34, 56, 789012), (2024, 2, 29, 12, 34, 56, 100), (1700, 1, 1, 0, 0, 1), (2262, 4, 11, 23, 47, 16, 854775), (2038, 1, 19, 3, 14, 8))]
# Outside what nanoseconds in 64 bits reach.
FAR = [datetime.datetime(9999, 12, 31, 23, 59, 59, 999999), datetime.datetime(1, 1, 1, 0, 0, 0, 1)]
TIMES = [datetime.time(*time) for time in ((0, 0), (23, 59, 59, 999999), (12, 34, 56), (1, 2, 3, 4000), (0, 0, 0, 1))]
UUIDS = [str(uuid.UUID(int=number)) for number in (0, 2**128 - 1, 0x123E4567_E89B_12D3_A456_426614174000)]
BYTES = [b"", b"\x00", b"\xff\xfe", bytes(range(256)), b"text", b"\\x00", b'"', b"\n"]
JSONS = ["{}", "[]", "null", "1", '"x"', '{"a": {"b": [1, 2.50, null, "é\\n"]}}', "[[[]]]", "true", '{"n": 12345678901234567890.123}', '{"😀": "\\ud83d\\ude00"}']
WORDS = ["red", "green", "", "blau, grün", "red"]
LISTS = [[], ["a"], [None], ["a", None, ""], ['"', ",", "\n", "\\"], ["x"] * 20]
NESTED = [[], [[]], [[1, 2], []], [None, [None]], [[2**31 - 1, -(2**31)]]]
STRUCTS = [{"a": 1, "b": {"c": "x"}}, {"a": None, "b": None}, {"a": 3, "b": {"c": None}}, {"a": 4, "b": {"c": 'q"\n,'}}]
OBJECTS = [[], [{"k": "a", "v": [1]}], [{"k": None, "v": None}, {"k": "b", "v": []}], [None]]
MAPS = [[], [("a", [1, 2])], [("", []), ('"', None), ("é\n", [None])]]
DEEP = [None, {"m": [("k", [{"x": 1.5}, {"x": None}, None])]}, {"m": []}, {"m": None}]


def column_types():
    """Returns the columns in their order: name, Arrow type, values that they cycle through."""
    inner = pa.struct([("k", pa.string()), ("v", pa.list_(pa.int32()))])
    return [
        ("text", pa.string(), TEXTS),
        ("more", pa.string(), list(reversed(TEXTS))),
        ("i64", pa.int64(), I64),
        ("u64", pa.uint64(), U64),
        ("i8", pa.int8(), [0, -128, 127]),
        ("f64", pa.float64(), F64),
        ("f32", pa.float32(), F32),
        ("d10", pa.decimal128(38, 10), D10),
        ("d2", pa.decimal128(18, 2), D2),
        ("d4", pa.decimal128(4, 2), D4),
        ("day", pa.date32(), DAYS),
        ("at_s", pa.timestamp("s"), MOMENTS),
        ("at_ms", pa.timestamp("ms"), MOMENTS + FAR),
        ("at_us", pa.timestamp("us"), MOMENTS + FAR),
        ("at_ns", pa.timestamp("ns"), MOMENTS),
        ("at_utc", pa.timestamp("us", "UTC"), MOMENTS),
        # Before 1883 New York's offset had seconds, which PyArrow and Polars cut off in text.
        ("at_zone", pa.timestamp("ms", "America/New_York"), [moment for moment in MOMENTS if moment.year > 1883]),
        ("time_ms", pa.time32("ms"), TIMES),
        ("time_us", pa.time64("us"), TIMES),
        ("uuid", pa.string(), UUIDS),
        ("bytes", pa.binary(), BYTES),
        ("flag", pa.bool_(), [True, False]),
        ("json", pa.string(), JSONS),
        ("nothing", pa.null(), [None]),
        ("never", pa.string(), [None]),
        ("word", pa.dictionary(pa.int32(), pa.string()), WORDS),
        ("list", pa.list_(pa.string()), LISTS),
        ("nested", pa.list_(pa.list_(pa.int32())), NESTED),
        ("struct", pa.struct([("a", pa.int64()), ("b", pa.struct([("c", pa.string())]))]), STRUCTS),
        ("objects", pa.list_(inner), OBJECTS),
        ("map", pa.map_(pa.string(), pa.list_(pa.int64())), MAPS),
        ("deep", pa.struct([("m", pa.map_(pa.string(), pa.list_(pa.struct([("x", pa.float64())]))))]), DEEP),
        ("weird", pa.float64(), None),
    ]  # fmt: skip


FLAT = [name for name, kind, _ in column_types() if not pa.types.is_nested(kind)]
ROWS = len(TEXTS) + 1 + len(WEIRD)


def table(columns=None, nul=False):
    """Returns the table. Each column has NULL once in every cycle of its values; the last rows hold what JSON has no number for."""
    arrays = {"id": pa.array([f"r{row:04}" for row in range(ROWS)])}
    for name, kind, values in column_types():
        if columns is not None and name not in columns:
            continue
        if name == "weird":
            cells = [None] * (ROWS - len(WEIRD)) + WEIRD
        else:
            cycle = [*values, *([NUL] if nul and name == "text" else []), None]
            cells = [cycle[row % len(cycle)] for row in range(ROWS)]
        arrays[name] = array(cells, kind)
    return pa.table(arrays)


def array(cells, kind):
    if pa.types.is_time32(kind):
        cells = [cell and cell.replace(microsecond=cell.microsecond // 1000 * 1000) for cell in cells]
    if pa.types.is_timestamp(kind) and kind.unit in ("s", "ms"):
        step = {"s": 1_000_000, "ms": 1_000}[kind.unit]
        cells = [cell and cell.replace(microsecond=cell.microsecond // step * step) for cell in cells]
    if pa.types.is_dictionary(kind):
        return pa.array(cells, kind.value_type).dictionary_encode()
    return pa.array(cells, kind)
