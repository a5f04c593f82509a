/// Where a value stands in its object. Most values are right, so it is put into words only when asked.
final class FieldPlace: Sendable {
    private enum Step {
        case start(String)
        case member(String)
        case entry(String)
        case element(Int)
    }

    private let above: FieldPlace?
    private let step: Step

    private init(_ above: FieldPlace?, _ step: Step) {
        self.above = above
        self.step = step
    }

    convenience init(_ path: String) { self.init(nil, .start(path)) }

    /// A field of an object.
    func member(_ name: String) -> FieldPlace { FieldPlace(self, .member(name)) }

    /// An entry of a map.
    func entry(_ key: String) -> FieldPlace { FieldPlace(self, .entry(key)) }

    func element(_ index: Int) -> FieldPlace { FieldPlace(self, .element(index)) }

    /// `spec.ports[0].name`; empty for the object itself.
    var path: String {
        let path = above?.path ?? ""
        switch step {
        case .start(let start): return start
        case .member(let name): return path.isEmpty ? name : "\(path).\(name)"
        case .entry(let key): return "\(path)[\(key)]"
        case .element(let index): return "\(path)[\(index)]"
        }
    }
}
