/// Where the decoder stands, as upstream's strict decoder and Go's type errors name it.
struct StrictPath {
    enum Part {
        case field(TypePlan, Int)
        case key(String)
        case index(Int)
    }

    var parts: [Part] = []

    /// `spec.ports[0].name`, with `last` behind it.
    func text(_ last: String) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .field(let type, let position): text += (text.isEmpty ? "" : ".") + type.fields[position].name
            case .key(let key): text += (text.isEmpty ? "" : ".") + key
            case .index(let index): text += "[\(index)]"
            }
        }
        return text + (text.isEmpty ? "" : ".") + last
    }

    /// `json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32`
    func mismatch(_ what: String, _ goType: String) -> DecodingRefusal {
        var names: [String] = []
        var owner: TypePlan?
        for case .field(let type, let position) in parts {
            names.append(type.fields[position].name)
            owner = type
        }
        guard let owner else {
            return DecodingRefusal("json: cannot unmarshal \(what) into Go value of type \(goType)")
        }
        let field = "\(owner.goName).\(names.joined(separator: "."))"
        return DecodingRefusal("json: cannot unmarshal \(what) into Go struct field \(field) of type \(goType)")
    }
}
