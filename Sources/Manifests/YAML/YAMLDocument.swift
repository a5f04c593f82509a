import KubeAPI
import Yams

/// One document of a file.
public struct YAMLDocument {
    public let value: JSONValue
    /// Line on which the document's content begins, from 1.
    public let line: Int
    private let source: Source

    private enum Source {
        case yaml(Yams.Node)
        case json([UInt8])
    }

    init(_ value: JSONValue, yaml node: Yams.Node) {
        self.value = value
        self.line = node.mark?.line ?? 1
        self.source = .yaml(node)
    }

    init(_ value: JSONValue, json bytes: [UInt8]) {
        self.value = value
        self.line = JSONParser.position(of: FieldPath(""), in: bytes)?.line ?? 1
        self.source = .json(bytes)
    }

    /// Where the field stands that `path` names, or the deepest on the way there that exists.
    public func position(of path: String) -> TextPosition {
        switch source {
        case .json(let bytes):
            JSONParser.position(of: FieldPath(path), in: bytes) ?? TextPosition(line: line, column: 1)
        case .yaml(let node): TextPosition(Self.deepest(on: FieldPath(path), from: node).mark)
        }
    }

    /// Where each element of the array stands that `path` names; empty when there is none.
    func positions(ofElementsAt path: String) -> [TextPosition] {
        switch source {
        case .json(let bytes): JSONParser.positions(ofElementsAt: FieldPath(path), in: bytes)
        case .yaml(let node):
            Self.deepest(on: FieldPath(path), from: node).sequence?.map { TextPosition($0.mark) } ?? []
        }
    }

    private static func deepest(on path: FieldPath, from node: Yams.Node) -> Yams.Node {
        var (path, node) = (path, node)
        while let child = child(on: path, of: node) { (path, node) = child }
        return node
    }

    private static func child(on path: FieldPath, of node: Yams.Node) -> (FieldPath, Yams.Node)? {
        guard !path.isAtEnd else { return nil }
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                guard let name = key.scalar?.string, let below = path.below(name) else { continue }
                return (below, value)
            }
        case .sequence(let sequence):
            for (index, element) in sequence.enumerated() {
                guard let below = path.below(index: index) else { continue }
                return (below, element)
            }
        case .scalar, .alias: break
        }
        return nil
    }
}

extension TextPosition {
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
