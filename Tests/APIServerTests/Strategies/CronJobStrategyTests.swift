import Testing

struct CronJobStrategyTests {
    private static func cron(_ zone: String) -> String {
        #"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"c"},"spec":{"schedule":"@daily","timeZone":"\#(zone)","jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}}}}"#
    }

    @Test func timeZonesAreKnown() async throws {
        try await withServer { client in
            let place = "/apis/batch/v1/namespaces/default/cronjobs"
            let refused = try await client.send(
                "POST", place, ["Content-Type": "application/json"], body: Self.cron("Mars/Base"))
            #expect(refused.status == 422, "\(refused.text)")
            #expect(
                refused.text.contains(#"spec.timeZone: Invalid value: \"Mars/Base\": unknown time zone Mars/Base"#),
                "\(refused.text)")
            try await client.change("POST", place, Self.cron("UTC"))
        }
    }
}
