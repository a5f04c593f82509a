import KubeAPI

/// A type as the codecs use it: what `TypeDefinition` says, laid out so that no lookup copies anything.
final class TypePlan: Sendable {
    let name: String
    let form: TypeDefinition.Form
    let fields: [FieldPlan]
    let index: NameIndex
    let preservesUnknownFields: Bool
    /// What the zero value of the Go type looks like in JSON.
    let zero: JSONValue
    let wire: WireMessage

    init(_ type: TypeDefinition, fields: [FieldPlan], zero: JSONValue) {
        name = type.name
        form = type.form
        self.fields = fields
        index = NameIndex(fields.map(\.name))
        preservesUnknownFields = type.preservesUnknownFields
        self.zero = zero
        wire = WireMessage(type.fields)
    }

    /// `ServicePort`
    var goName: Substring { name.split(separator: ".").last ?? "" }

    /// `v1.ServicePort`
    var goType: String { name.split(separator: ".").suffix(2).joined(separator: ".") }
}

struct FieldPlan: Sendable {
    /// What is written when the value is absent or zero.
    enum Presence: Sendable {
        /// A pointer with omitempty, or a struct with omitzero.
        case whenPresent
        /// A pointer without.
        case nullWhenAbsent
        /// A value without omitempty, or a struct.
        case zeroWhenAbsent
        /// A value with omitempty.
        case unlessEmpty
    }

    let name: String
    let shape: ShapePlan
    let presence: Presence
    let isPointer: Bool
    let isNullable: Bool
    /// For `zeroWhenAbsent`.
    let zero: JSONValue
}

/// `FieldShape` without boxes: an element's shape stands in `CodecPlans.shapes`.
enum ShapePlan: Sendable {
    case string, bytes, boolean, int32, int64, number, any
    case type(Int)
    case array(Int)
    case map(Int)
}

/// The fields of a protobuf message in the order of their numbers.
final class WireMessage: Sendable {
    struct Entry: Sendable {
        enum Content: Sendable {
            /// A position in the type's fields.
            case field(Int)
            /// A message whose fields JSON inlines.
            case inlined(WireMessage)
        }

        let number: Int
        let content: Content
    }

    let entries: [Entry]

    convenience init(_ fields: [FieldDefinition]) {
        self.init(
            fields.enumerated().compactMap { position, field in
                field.number.map { (path: field.inlinedIn + [$0], position: position) }
            })
    }

    /// `path` is the field's number behind those of the messages it is in.
    private init(_ fields: [(path: [Int], position: Int)]) {
        var inlined: [Int: [(path: [Int], position: Int)]] = [:]
        var entries: [Entry] = []
        for field in fields {
            guard let first = field.path.first else { continue }
            if field.path.count == 1 {
                entries.append(Entry(number: first, content: .field(field.position)))
            } else {
                inlined[first, default: []].append((Array(field.path.dropFirst()), field.position))
            }
        }
        for (number, fields) in inlined {
            entries.append(Entry(number: number, content: .inlined(WireMessage(fields))))
        }
        self.entries = entries.sorted { $0.number < $1.number }
    }

    /// Messages come mostly in the order of their numbers: `hint` is looked at first.
    func entry(_ number: Int, hint: Int) -> Int? {
        if hint < entries.count, entries[hint].number == number { return hint }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }
}
