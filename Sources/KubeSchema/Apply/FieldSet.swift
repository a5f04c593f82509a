import KubeAPI

/// A set of paths into an object: what a manager owns, or what changed (structured-merge-diff's fieldpath.Set).
public struct FieldSet: Sendable, Hashable {
    struct Child: Sendable, Hashable {
        var element: PathElement
        var set: FieldSet
    }

    /// The path that leads here is a member itself.
    var isMember = false
    /// Sorted by element; none is empty.
    var children: [Child] = []

    public init() {}

    static let member = {
        var set = FieldSet()
        set.isMember = true
        return set
    }()

    /// Sorts; leaves out what is empty.
    init(_ children: [Child], isMember: Bool = false) {
        self.isMember = isMember
        self.children = children.filter { !$0.set.isEmpty }
        let isSorted = zip(self.children, self.children.dropFirst()).allSatisfy { $0.element < $1.element }
        if !isSorted { self.children.sort { $0.element < $1.element } }
    }

    /// Paths of members of objects, such as `["metadata", "name"]`.
    public init(paths: [[String]]) {
        self = paths.reduce(FieldSet()) { $0.union(FieldSet(path: $1[...])) }
    }

    private init(path: ArraySlice<String>) {
        guard let first = path.first else {
            self = .member
            return
        }
        children = [Child(element: .field(first), set: FieldSet(path: path.dropFirst()))]
    }

    public var isEmpty: Bool { !isMember && children.isEmpty }

    func child(_ element: PathElement) -> FieldSet? {
        var (low, high) = (0, children.count)
        while low < high {
            let middle = low + (high - low) / 2
            if children[middle].element == element { return children[middle].set }
            if children[middle].element < element { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    // MARK: - FieldsV1

    /// Unknown members are kept as they are; nil when it is no field set.
    public init?(fieldsV1 json: JSONValue) {
        guard case .object(let object) = json else { return nil }
        var children: [Child] = []
        children.reserveCapacity(object.members.count)
        var isMember = false
        for member in object.members {
            if member.key == "." {
                isMember = true
                continue
            }
            guard member.key.utf8.count >= 2, case .object(let below) = member.value else { return nil }
            if below.members.isEmpty {
                children.append(Child(element: PathElement(text: member.key), set: .member))
            } else {
                guard let set = FieldSet(fieldsV1: member.value) else { return nil }
                children.append(Child(element: PathElement(text: member.key), set: set))
            }
        }
        self.init(children, isMember: isMember)
    }

    public var fieldsV1: JSONValue {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(children.count + 1)
        if isMember, !children.isEmpty { members.append(JSONObject.Member(".", .emptyObject)) }
        for child in children { members.append(JSONObject.Member(child.element.text, child.set.fieldsV1)) }
        return .object(JSONObject(members))
    }

    // MARK: - Operations, linear in the sizes

    public func union(_ other: FieldSet) -> FieldSet {
        if other.isEmpty { return self }
        if isEmpty { return other }
        return merged(other, isMember: isMember || other.isMember) { a, b in
            switch (a, b) {
            case (let a?, let b?): a.union(b)
            case (let a, let b): a ?? b
            }
        }
    }

    /// The paths that are not in `other`. What lies below a path of `other` stays.
    public func difference(_ other: FieldSet) -> FieldSet {
        if other.isEmpty || isEmpty { return self }
        return merged(other, isMember: isMember && !other.isMember) { a, b in b.map { a?.difference($0) } ?? a }
    }

    /// The paths that are neither in `other` nor below one of its paths.
    public func recursiveDifference(_ other: FieldSet) -> FieldSet {
        if other.isEmpty || isEmpty { return self }
        return merged(other, isMember: isMember && !other.isMember) { a, b in
            guard let b else { return a }
            return b.isMember ? nil : a?.recursiveDifference(b)
        }
    }

    public func intersection(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return FieldSet() }
        return merged(other, isMember: isMember && other.isMember) { a, b in
            guard let a, let b else { return nil }
            return a.intersection(b)
        }
    }

    private func merged(
        _ other: FieldSet, isMember: Bool, _ combine: (FieldSet?, FieldSet?) -> FieldSet?
    ) -> FieldSet {
        var result = FieldSet()
        result.isMember = isMember
        result.children.reserveCapacity(max(children.count, other.children.count))
        var (i, j) = (0, 0)
        while i < children.count || j < other.children.count {
            let a = i < children.count ? children[i] : nil
            let b = j < other.children.count ? other.children[j] : nil
            let isSame = a != nil && a?.element == b?.element
            let takesFirst = isSame || b == nil || a.map { a in b.map { a.element < $0.element } ?? true } ?? false
            let first = takesFirst ? a : nil
            let second = isSame || !takesFirst ? b : nil
            if first != nil { i += 1 }
            if second != nil { j += 1 }
            guard let element = first?.element ?? second?.element, let set = combine(first?.set, second?.set),
                !set.isEmpty
            else { continue }
            result.children.append(Child(element: element, set: set))
        }
        return result
    }

    // MARK: - Paths

    /// Every path as messages show it: `.spec.ports[port=80,protocol="TCP"].name`.
    var shownPaths: [String] {
        var paths: [String] = []
        appendPaths(to: &paths, prefix: "")
        return paths
    }

    private func appendPaths(to paths: inout [String], prefix: String) {
        for child in children {
            let path = prefix + child.element.shown
            if child.set.isMember { paths.append(path) }
            child.set.appendPaths(to: &paths, prefix: path)
        }
    }
}
