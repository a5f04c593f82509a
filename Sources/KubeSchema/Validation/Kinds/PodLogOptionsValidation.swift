import KubeAPI

/// PodLogOptions as they come in a query (upstream's ValidatePodLogOptions).
public enum PodLogOptionsValidation {
    /// A value that is no number or time at all.
    public struct Unreadable: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// What the options break. Empty values count as not there, as in the decoding of queries.
    public static func errors(
        _ query: [(name: String, value: String)]
    ) throws(Unreadable) -> [FieldError] {
        func value(_ name: String) -> String? { query.first { $0.name == name && !$0.value.isEmpty }?.value }
        func number(_ name: String) throws(Unreadable) -> Int64? {
            guard let text = value(name) else { return nil }
            guard let number = Int64(text) else {
                throw Unreadable(
                    description: "strconv.ParseInt: parsing \(JSONWriter.text(.string(text))): invalid syntax")
            }
            return number
        }
        var errors: [FieldError] = []
        func require(_ name: String, _ number: Int64?, atLeast least: Int64, _ detail: String) {
            guard let number, number < least else { return }
            errors.append(FieldError(.invalid, name, .integer(number), detail))
        }
        let lines = try number("tailLines")
        require("tailLines", lines, atLeast: 0, "must be greater than or equal to 0")
        require("limitBytes", try number("limitBytes"), atLeast: 1, "must be greater than 0")
        let seconds = try number("sinceSeconds")
        if let time = value("sinceTime"), RFC3339.nanoseconds(time) == nil {
            throw Unreadable(description: "parsing time \(JSONWriter.text(.string(time))) as RFC 3339: invalid syntax")
        }
        if seconds != nil, value("sinceTime") != nil {
            errors.append(
                FieldError(.forbidden, "", nil, "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else {
            require("sinceSeconds", seconds, atLeast: 1, "must be greater than 0")
        }
        if let stream = value("stream") {
            if !["All", "Stderr", "Stdout"].contains(stream) {
                errors.append(
                    FieldError(
                        .notSupported, "stream", .string(stream), #"supported values: "All", "Stderr", "Stdout""#))
            }
            if stream != "All", lines != nil {
                errors.append(
                    FieldError(
                        .forbidden, "", nil, "`tailLines` and specific `stream` are mutually exclusive for now"))
            }
        }
        return errors
    }
}
