import KubeAPI
import KubeSchema
import Testing

struct LabelSelectorTests {
    static let labels = ["app": "web", "tier": "front", "level": "7", "empty": ""]

    @Test(arguments: [
        ("", true), ("app=web", true), ("app==web", true), ("app=db", false), ("app!=db", true), ("none!=x", true),
        ("app", true), ("none", false), ("!none", true), ("! none", true), ("!app", false),
        ("app in (web, db)", true), ("app in (db)", false), ("app notin (db)", true), ("app notin (web)", false),
        ("none in (a)", false), ("none notin (a)", true), ("level>6", true), ("level<6", false), ("app>6", false),
        ("empty=", true), ("empty in ()", true), ("empty in (,x)", true), ("app=web,tier=front", true),
        ("app=web,tier=back", false), ("in", false), ("app in (a,b,c,d,e,f,g,h,i,web,x)", true),
        ("app in (a,b,c,d,e,f,g,h,i,wea,x)", false), ("app = web , tier", true),
    ])
    func matches(_ text: String, _ expected: Bool) throws {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.matches(Self.labels) == expected)
        #expect(try LabelSelector(parsing: selector.description) == selector)
    }

    @Test(arguments: [
        ("a==b==c", "found '==', expected: ',' or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a=!", "unable to parse requirement: found '!', expected: identifier"),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"
        ),
        (
            "-a",
            "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        ),
        (
            "a=b/c",
            "unable to parse requirement: values[0][a]: Invalid value: \"b/c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
        ),
    ])
    func refusesInUpstreamsWords(_ text: String, _ expected: String) {
        #expect {
            try LabelSelector(parsing: text)
        } throws: { error in
            "\(error)" == expected
        }
    }

    @Test func readsObjects() throws {
        let selector = try LabelSelector(json: [
            "matchLabels": ["app": "web"],
            "matchExpressions": [
                ["key": "tier", "operator": "In", "values": ["front", "back"]],
                ["key": "none", "operator": "DoesNotExist"], ["key": "x", "operator": "NotIn", "values": ["y"]],
            ],
        ])
        #expect(selector.description == "app=web,!none,tier in (back,front),x notin (y)")
        #expect(selector.matches(Self.labels))
        #expect(!selector.matches(labels: nil))
        #expect(selector.requiredValue(of: "app") == "web")
        #expect(selector.requiredValue(of: "tier") == nil)
        #expect(try LabelSelector(json: nil).matches(Self.labels) == false)
        #expect(try LabelSelector(json: [:]).matches(Self.labels))
        #expect {
            try LabelSelector(json: ["matchExpressions": [["key": "a", "operator": "Gt"]]])
        } throws: { error in
            "\(error)" == "\"Gt\" is not a valid label selector operator"
        }
    }
}

struct FieldSelectorTests {
    @Test(arguments: [
        ("", true), ("metadata.name=a", true), ("metadata.name==a", true), ("metadata.name!=a", false),
        ("spec.nodeName=", true), ("spec.nodeName!=", false), ("metadata.name=a,spec.x=b", false),
        (#"weird=a\,b\=c\\"#, true), (",metadata.name=a,", true),
    ])
    func matches(_ text: String, _ expected: Bool) throws {
        let fields = ["metadata.name": "a", "weird": #"a,b=c\"#]
        let selector = try FieldSelector(parsing: text)
        #expect(selector.matches { fields[$0] } == expected)
        #expect(try FieldSelector(parsing: selector.description) == selector)
    }

    @Test(arguments: [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("b=c,!a", "invalid selector: 'b=c,!a'; can't understand '!a'"),
        (#"a=\x"#, #"invalid field selector: invalid escape sequence: \x"#),
        (#"a=b\"#, #"invalid field selector: invalid escape sequence: \"#),
        ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ])
    func refusesInUpstreamsWords(_ text: String, _ expected: String) {
        #expect {
            try FieldSelector(parsing: text)
        } throws: { error in
            "\(error)" == expected
        }
    }

    @Test func tellsTheOneValue() throws {
        let selector = try FieldSelector(parsing: "metadata.name=a,spec.clusterIP!=None")
        #expect(selector.requiredValue(of: "metadata.name") == "a")
        #expect(selector.requiredValue(of: "spec.clusterIP") == nil)
    }
}
