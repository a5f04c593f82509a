extension Schema {
    /// The types of every built-in group; read from the embedded tables at first use.
    public static let builtin = TypeTableParser.schema(of: TypeTables.all)
}
