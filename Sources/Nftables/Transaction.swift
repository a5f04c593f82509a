/// One change to a table. Each case says what must hold before; a case that does not hold fails the transaction,
/// and none of it happens.
public enum Operation: Hashable, Sendable {
    /// Creates the table, or does nothing when it is there.
    case addTable(comment: String)
    /// The table must exist.
    case deleteTable
    /// Creates the set or map, or does nothing when it is there with the same type.
    case addSet(SetSpec)
    /// The set must exist and no rule may refer to it after the transaction.
    case deleteSet(String)
    /// Creates the chain without its rules, or does nothing when it is there.
    case addChain(Chain)
    /// The chain must exist, be empty, and not be referred to.
    case deleteChain(String)
    /// Removes all rules of the chain.
    case flushChain(String)
    /// Appends rules in order.
    case addRules(chain: String, [Rule])
    /// Adds elements; one that is there with the same data is left alone, with other data is an error (EEXIST).
    case addElements(set: String, [SetElement])
    /// Deletes elements by key; each must be there.
    case deleteElements(set: String, [SetElement])
}

/// Operations on one table that happen all or not at all, in order. Prints itself as an nft script.
public struct Transaction: Hashable, Sendable {
    public let table: TableID
    public var operations: [Operation]

    public init(_ table: TableID, _ operations: [Operation] = []) {
        self.table = table
        self.operations = operations
    }

    public var isEmpty: Bool { operations.isEmpty }
}
