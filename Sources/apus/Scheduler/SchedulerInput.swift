import ArgumentParser
import KubeClient
import Logging
import Manifests
import SchedulerCore

/// What both commands of the scheduler need.
struct SchedulerInput: ParsableArguments {
    @Option(help: "The kubeconfig file; the one that --config names by default.") var kubeconfig: String?
    @Option(help: "A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): profiles, weights, backoff.")
    var config: String?

    /// What --config says; the defaults without it.
    func configuration() throws -> SchedulerConfiguration {
        guard let config else { return SchedulerConfiguration() }
        let documents = try YAMLDocuments.parse(try TextInput.read(config), file: config)
        guard documents.count == 1, let document = documents.first else {
            throw ValidationError(
                "\(config) must hold one KubeSchedulerConfiguration, and holds \(documents.count) documents")
        }
        do {
            return try SchedulerConfiguration(json: document.value)
        } catch {
            throw ValidationError("\(config): \(error)")
        }
    }

    func client(
        _ configuration: SchedulerConfiguration, qps: Double = 0, burst: Int = 0, logger: Logger,
        observer: RequestObserver? = nil
    ) throws -> KubeClient {
        guard let kubeconfig = kubeconfig ?? configuration.connection.kubeconfig else {
            throw ValidationError("give --kubeconfig, or clientConnection.kubeconfig in the file of --config")
        }
        var options = KubeClient.Options()
        options.userAgent = "apus-scheduler"
        options.environment = Environment.all
        options.qps = qps
        options.burst = burst
        return KubeClient(
            try Kubeconfig(contentsOf: kubeconfig).connection(), options: options, logger: logger, observer: observer)
    }
}
