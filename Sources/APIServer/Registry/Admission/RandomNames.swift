/// The random end of generated names, with letters that make no words and no doubt.
enum RandomNames {
    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789")

    static func suffix(_ length: Int = 5) -> String {
        String((0..<length).map { _ in letters[Int.random(in: letters.indices)] })
    }
}
