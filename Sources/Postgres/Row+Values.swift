extension Row {
    /// The text form of a value of any type.
    package func text(_ column: some ColumnKey) throws(PostgresError) -> String {
        try decode(column, as: "text", TextForm.text)
    }

    package func textIfPresent(_ column: some ColumnKey) throws(PostgresError) -> String? {
        try decodeIfPresent(column, as: "text", TextForm.text)
    }

    /// A whole number of up to 64 bits.
    package func int64(_ column: some ColumnKey) throws(PostgresError) -> Int64 {
        try decode(column, as: "whole number", TextForm.int64)
    }

    package func int64IfPresent(_ column: some ColumnKey) throws(PostgresError) -> Int64? {
        try decodeIfPresent(column, as: "whole number", TextForm.int64)
    }

    /// A `boolean`.
    package func bool(_ column: some ColumnKey) throws(PostgresError) -> Bool {
        try decode(column, as: "boolean", TextForm.bool)
    }

    package func boolIfPresent(_ column: some ColumnKey) throws(PostgresError) -> Bool? {
        try decodeIfPresent(column, as: "boolean", TextForm.bool)
    }

    /// A number, rounded to the nearest `Double`.
    package func double(_ column: some ColumnKey) throws(PostgresError) -> Double {
        try decode(column, as: "number", TextForm.double)
    }

    package func doubleIfPresent(_ column: some ColumnKey) throws(PostgresError) -> Double? {
        try decodeIfPresent(column, as: "number", TextForm.double)
    }

    /// A `bytea`.
    package func bytes(_ column: some ColumnKey) throws(PostgresError) -> [UInt8] {
        try decode(column, as: "bytea", TextForm.bytes)
    }

    package func bytesIfPresent(_ column: some ColumnKey) throws(PostgresError) -> [UInt8]? {
        try decodeIfPresent(column, as: "bytea", TextForm.bytes)
    }

    /// A `timestamptz`, in microseconds since 1970.
    ///
    /// The ends of time, ±infinity, are an error.
    package func microseconds(_ column: some ColumnKey) throws(PostgresError) -> Int64 {
        try decode(column, as: "finite point in time", TextForm.microseconds)
    }

    package func microsecondsIfPresent(_ column: some ColumnKey) throws(PostgresError) -> Int64? {
        try decodeIfPresent(column, as: "finite point in time", TextForm.microseconds)
    }

    /// A one-dimensional array, each element in its text form.
    package func textArray(_ column: some ColumnKey) throws(PostgresError) -> [String] {
        try decode(column, as: "array of texts without nulls", TextForm.textArray)
    }

    package func textArrayIfPresent(_ column: some ColumnKey) throws(PostgresError) -> [String]? {
        try decodeIfPresent(column, as: "array of texts without nulls", TextForm.textArray)
    }

    /// A one-dimensional array of whole numbers.
    package func int64Array(_ column: some ColumnKey) throws(PostgresError) -> [Int64] {
        try decode(column, as: "array of whole numbers without nulls", TextForm.int64Array)
    }

    package func int64ArrayIfPresent(_ column: some ColumnKey) throws(PostgresError) -> [Int64]? {
        try decodeIfPresent(column, as: "array of whole numbers without nulls", TextForm.int64Array)
    }
}
