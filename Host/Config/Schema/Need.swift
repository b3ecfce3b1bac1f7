// SPDX-License-Identifier: Apache-2.0
// Need: something outside Corral that a value asks for. A missing need degrades one feature; it never stops the host.

/// Something a value needs from outside: a variable with an address or a key in it, or a program.
package struct Need: Sendable, Hashable {
    package enum Test: Sendable, Hashable {
        /// An environment variable that is set and not empty.
        case variable(String)
        /// A program found through `PATH`.
        case command(String)
        /// The value itself names the program.
        case commandNamedByValue
    }

    /// What it is, with its article: `an SMTP server`.
    package let name: String
    package let test: Test
    /// What to do when it is absent: a command.
    package let fix: String

    package init(_ name: String, _ test: Test, fix: String) {
        self.name = name
        self.test = test
        self.fix = fix
    }
}

extension Need {
    static let smtp = Need(
        "an SMTP server", .variable("SMTP_URL"), fix: "export SMTP_URL=smtp://user:password@host:587")
    static let slack = Need(
        "a Slack bot token", .variable("SLACK_BOT_TOKEN"),
        fix: "export SLACK_BOT_TOKEN=xoxb-… (from api.slack.com/apps)")
    static let redis = Need(
        "a Redis server", .variable("REDIS_URL"),
        fix: "apt-get install redis-server && export REDIS_URL=redis://localhost:6379")
    static let rabbitmq = Need(
        "a RabbitMQ server", .variable("AMQP_URL"),
        fix: "apt-get install rabbitmq-server && export AMQP_URL=amqp://localhost")
    static let kafka = Need(
        "a Kafka broker", .variable("KAFKA_BROKERS"), fix: "export KAFKA_BROKERS=host:9092")
    static let otlp = Need(
        "an OTLP collector", .variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
        fix: "export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318")
    static let langfuse = Need(
        "a Langfuse key", .variable("LANGFUSE_SECRET_KEY"), fix: "export LANGFUSE_SECRET_KEY=sk-lf-…")
    static let datadog = Need("a Datadog key", .variable("DD_API_KEY"), fix: "export DD_API_KEY=…")
    static let anthropic = Need(
        "an Anthropic key", .variable("ANTHROPIC_API_KEY"), fix: "export ANTHROPIC_API_KEY=sk-ant-…")
    static let bandit = Need("the program bandit", .command("bandit"), fix: "pipx install bandit")
    static let semgrep = Need("the program semgrep", .command("semgrep"), fix: "pipx install semgrep")
    static let program = Need(
        "the program it names", .commandNamedByValue,
        fix: "install the program or write its full path (npx comes with `apt-get install npm`)")

    static let channels = ["email": smtp, "slack": slack]
    static let brokers = ["redis": redis, "rabbitmq": rabbitmq, "kafka": kafka]
}
