/// One statement and the values bound to it.
///
/// A value that is interpolated is bound, never spliced, so the plain way of writing is the safe
/// one:
///
/// ```swift
/// let find: SQL = "select name from account where id = \(id) and created < \(timestamp: at)"
/// ```
///
/// - `\(value)` binds as `$n`.
/// - `\(nullable: value)` binds as `$n`, nil as null.
/// - `\(timestamp: microseconds)` binds microseconds since 1970 (or nil) as `$n::timestamptz`.
/// - `\(fragment)` joins another `SQL`, its values bound as well.
/// - `\(raw: text)` splices text, and shows in a review. Never from outside.
package struct SQL: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// With `$1`, `$2` … where values stand.
    ///
    /// Statements are prepared and kept by this text.
    package let text: String
    package let parameters: [Parameter]

    package init(text: String, parameters: [Parameter] = []) {
        self.text = text
        self.parameters = parameters
    }

    package init(stringLiteral value: String) {
        self.init(text: value)
    }

    package init(stringInterpolation: StringInterpolation) {
        self.init(text: stringInterpolation.text, parameters: stringInterpolation.parameters)
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var parameters: [Parameter] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 4)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: some PostgresParameter) {
            parameters.append(value.postgresParameter)
            text += "$\(parameters.count)"
        }

        /// Binds a value that may be null.
        ///
        /// Labelled, since the compiler takes an optional in an interpolation for a mistake.
        package mutating func appendInterpolation(nullable value: (some PostgresParameter)?) {
            appendInterpolation(value?.postgresParameter ?? .null)
        }

        /// Written out, or the compiler would warn of each optional that is interpolated.
        package mutating func appendInterpolation<Value: PostgresParameter>(_ value: Value?) {
            parameters.append(value.postgresParameter)
            text += "$\(parameters.count)"
        }

        package mutating func appendInterpolation(timestamp microseconds: Int64?) {
            appendInterpolation(microseconds.map(Parameter.timestamp) ?? .null)
            text += "::timestamptz"
        }

        package mutating func appendInterpolation(raw: String) {
            text += raw
        }

        /// Joins a part of a statement, whose values are numbered on from those already bound.
        package mutating func appendInterpolation(_ fragment: SQL) {
            let bound = parameters.count
            text += fragment.text.replacing(/\$([0-9]+)/) { match in
                "$\((Int(match.1) ?? 0) + bound)"
            }
            parameters += fragment.parameters
        }
    }
}
