import KubeAPI

/// Reads the type tables. A line `=name form` begins a type; a line `name number shape attribute...` is a field of it.
///
/// - number: `3`, or `2.3` for field 3 of the message in field 2 that JSON inlines; empty for kind and apiVersion.
/// - shape: a scalar, `#name` or `#.name` (of the same package), behind `[]` for an array and `{}` for a map.
/// - attributes: `!` required, `*` pointer, `+` always written, `0` omitzero, and with values `d=` default, `e=` enum,
///   `l=` list type, `k=` list map keys, `m=` map type, `p=` patch strategies, `q=` patch merge key, `c=` constraints.
struct TypeTableParser {
    private var references: [String: TypeReference] = [:]
    private var types: [TypeDefinition] = []

    static func schema(of tables: [StaticString]) -> Schema {
        var parser = TypeTableParser()
        for table in tables { parser.readNames(table) }
        for table in tables { parser.readTypes(table) }
        return Schema(types: parser.types)
    }

    private mutating func readNames(_ table: StaticString) {
        var text = TableText(table)
        while var line = text.nextLine() {
            guard line.first == UInt8(ascii: "=") else { continue }
            references[line.nextColumn().dropFirst(1).string] = TypeReference(index: references.count)
        }
    }

    private mutating func readTypes(_ table: StaticString) {
        var text = TableText(table)
        var open: OpenType?
        while var line = text.nextLine() {
            if line.first == UInt8(ascii: "=") {
                close(open)
                open = OpenType(name: line.nextColumn().dropFirst(1).string, form: line.nextColumn().string)
            } else if !line.isEmpty, let package = open?.package {
                open?.fields.append(field(&line, package: package))
            }
        }
        close(open)
    }

    private mutating func close(_ type: OpenType?) {
        guard let type else { return }
        types.append(TypeDefinition(name: type.name, form: type.form, fields: type.fields))
    }

    private func field(_ line: inout TableText, package: String) -> FieldDefinition {
        let name = line.nextColumn().string
        let numbers = line.nextColumn().split(".").compactMap { Int($0) }
        var field = FieldDefinition(name, shape(line.nextColumn(), package: package), number: numbers.last)
        field.inlinedIn = Array(numbers.dropLast())
        while !line.isEmpty { field.set(line.nextColumn()) }
        return field
    }

    private func shape(_ text: TableText, package: String) -> FieldShape {
        switch text.first {
        case UInt8(ascii: "["): return .array(shape(text.dropFirst(2), package: package))
        case UInt8(ascii: "{"): return .map(shape(text.dropFirst(2), package: package))
        case UInt8(ascii: "#"):
            let name = text.dropFirst(1)
            return references[name.first == UInt8(ascii: ".") ? package + name.string : name.string].map(
                FieldShape.type) ?? .any
        default: return FieldShape(tableName: text.string)
        }
    }
}

private struct OpenType {
    let name: String
    let form: TypeDefinition.Form
    let package: String
    var fields: [FieldDefinition] = []

    init(name: String, form: String) {
        self.name = name
        self.form = TypeDefinition.Form(tableName: form)
        package = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
}

extension FieldShape {
    fileprivate init(tableName: String) {
        self =
            switch tableName {
            case "string": .string
            case "bytes": .bytes
            case "boolean": .boolean
            case "int32": .int32
            case "int64": .int64
            case "number": .number
            default: .any
            }
    }
}

extension TypeDefinition.Form {
    fileprivate init(tableName: String) {
        self =
            switch tableName {
            case "time": .time
            case "microTime": .microTime
            case "duration": .duration
            case "quantity": .quantity
            case "intOrString": .intOrString
            case "raw": .raw
            case "json": .json
            case "schemaOrBool": .schemaOrBool
            case "schemaOrArray": .schemaOrArray
            case "schemaOrStringArray": .schemaOrStringArray
            case "list": .list
            default: .object
            }
    }
}

extension FieldDefinition {
    fileprivate mutating func set(_ attribute: TableText) {
        let value = attribute.dropFirst(2)
        switch Unicode.Scalar(attribute.first) {
        case "!": isRequired = true
        case "*": isPointer = true
        case "+": emission = .always
        case "0": emission = .omitZero
        case "d": defaultValue = try? JSONParser.parse(value.string)
        case "e": allowedValues = value.split("|")
        case "l": listType = value.string == "map" ? .map : value.string == "set" ? .set : .atomic
        case "k": listMapKeys = value.split(",")
        case "m": mapType = value.string == "granular" ? .granular : .atomic
        case "p": patchStrategies = value.split(",")
        case "q": patchMergeKey = value.string
        case "c": constraints = value.split(";").compactMap { FieldConstraint($0) }
        default: break
        }
    }
}
