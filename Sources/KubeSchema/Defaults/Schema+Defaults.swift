import KubeAPI

extension Schema {
    /// Fills in what upstream's defaulting and conversion functions fill in, for objects of built-in kinds; members stay in
    /// the order of the type. What a request or the server's state decides (allocations, uid, generation) is not here.
    public func applyDefaults(_ value: inout JSONValue, group: String, version: String, kind: String) {
        guard let defaults = Defaults.byKind["\(group)/\(version)/\(kind)"] else { return }
        defaults(&value)
        guard let type = APICatalog.builtin.type(group: group, version: version, kind: kind),
            let own = self.type(named: Schema.builtin[type].name)
        else { return }
        plans.order(&value, own.index)
    }
}

extension CodecPlans {
    /// Puts members that were appended where their type has them.
    func order(_ value: inout JSONValue, _ type: Int) {
        let plan = types[type]
        guard plan.form == .object, case .object(var object) = value else { return }
        value = .null
        var positions: [Int] = []
        positions.reserveCapacity(object.members.count)
        var (next, isOrdered) = (0, true)
        for index in object.members.indices {
            let position = plan.index.position(of: object.members[index].key, hint: next) ?? plan.fields.count
            if position < next { isOrdered = false }
            next = position + 1
            positions.append(position)
            if position < plan.fields.count { order(&object.members[index].value, plan.fields[position].shape) }
        }
        if !isOrdered {
            let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
            object = JSONObject(order.map { object.members[$0] })
        }
        value = .object(object)
    }

    private func order(_ value: inout JSONValue, _ shape: ShapePlan) {
        switch (shape, value) {
        case (.type(let type), _): order(&value, type)
        case (.array(let element), .array(var elements)):
            guard shapes[element].holdsTypes else { return }
            value = .null
            for index in elements.indices { order(&elements[index], shapes[element]) }
            value = .array(elements)
        case (.map(let element), .object(var object)):
            value = .null
            if shapes[element].holdsTypes {
                for index in object.members.indices { order(&object.members[index].value, shapes[element]) }
            }
            object.members.sortAsGoMap()
            value = .object(object)
        default: break
        }
    }
}

extension ShapePlan {
    fileprivate var holdsTypes: Bool {
        switch self {
        case .type, .array, .map: true
        default: false
        }
    }
}

/// The defaulting functions by `group/version/kind`; a file per area has them.
enum Defaults {
    typealias Function = @Sendable (inout JSONValue) -> Void

    static let byKind: [String: Function] = [
        core, workloads, batch, autoscaling, networking, storage, access, admission, extensions, resources,
    ].reduce(into: [:]) { all, area in all.merge(area) { first, _ in first } }
}
