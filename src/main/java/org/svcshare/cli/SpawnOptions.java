package org.svcshare.cli;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/// What spawnctl took on its command line, for who is used to it.
final class SpawnOptions {
    @Option(names = "--host", paramLabel = "HOST", description = "Of the proxy; 127.0.0.1.")
    private Optional<String> host = Optional.empty();

    @Option(names = "--port", paramLabel = "PORT", description = "Of the proxy; 7117.")
    private Optional<String> port = Optional.empty();

    @Option(
            names = "--api-host",
            paramLabel = "HOST",
            description = "Of the control API; 127.0.0.1.")
    private Optional<String> apiHost = Optional.empty();

    @Option(names = "--api-port", paramLabel = "PORT", description = "Of the control API; 7118.")
    private Optional<String> apiPort = Optional.empty();

    @Option(
            names = "--round-robin",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Reads take turns among the nodes.")
    private Optional<String> roundRobin = Optional.empty();

    @Option(
            names = "--by-priority",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Nodes are in order of priority.")
    private Optional<String> byPriority = Optional.empty();

    @Option(
            names = "--check-sec",
            paramLabel = "TIME",
            description = "Between two health checks: seconds, or such as 10s.")
    private Optional<String> checkSec = Optional.empty();

    @Option(names = "--check-url", paramLabel = "PATH", description = "What a check asks for.")
    private Optional<String> checkUrl = Optional.empty();

    @Option(
            names = "--check-regexp",
            paramLabel = "PATTERN",
            description = "What has to be found in the answer.")
    private Optional<String> checkRegexp = Optional.empty();

    @Option(names = "--auth", paramLabel = "TYPE", description = "LDAP or guest.")
    private Optional<String> auth = Optional.empty();

    @Option(
            names = "--auth-expire",
            paramLabel = "TIME",
            description = "How long a token is good: minutes, or such as 1h.")
    private Optional<String> authExpire = Optional.empty();

    @Option(names = "--auth-host", paramLabel = "HOST", description = "Of the LDAP server.")
    private Optional<String> authHost = Optional.empty();

    @Option(names = "--auth-port", paramLabel = "PORT", description = "Of the LDAP server.")
    private Optional<String> authPort = Optional.empty();

    @Option(
            names = {"-t", "--test"},
            description = "Without effect, as it always was.")
    private boolean test;

    /// By their names without dashes.
    Map<String, String> said() {
        var said = new TreeMap<String, String>();
        host.ifPresent(value -> said.put("host", value));
        port.ifPresent(value -> said.put("port", value));
        apiHost.ifPresent(value -> said.put("api-host", value));
        apiPort.ifPresent(value -> said.put("api-port", value));
        roundRobin.ifPresent(value -> said.put("round-robin", value));
        byPriority.ifPresent(value -> said.put("by-priority", value));
        checkSec.ifPresent(value -> said.put("check-sec", value));
        checkUrl.ifPresent(value -> said.put("check-url", value));
        checkRegexp.ifPresent(value -> said.put("check-regexp", value));
        auth.ifPresent(value -> said.put("auth", value));
        authExpire.ifPresent(value -> said.put("auth-expire", value));
        authHost.ifPresent(value -> said.put("auth-host", value));
        authPort.ifPresent(value -> said.put("auth-port", value));
        if (test) {
            said.put("test", "true");
        }
        return said;
    }
}
