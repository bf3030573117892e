package org.svcshare.ircd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.Secret;

/// Settings of a server for tests, with what a test is about changed.
record TestSettings(
        Optional<Secret> password,
        Map<String, Secret> accounts,
        Optional<Path> certificate,
        Optional<Path> key,
        int port,
        int maxClients,
        int floodBurst,
        Duration floodInterval,
        Duration pingEvery,
        Duration pingTimeout,
        Duration registerTimeout) {

    static TestSettings plain() {
        return new TestSettings(
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                0,
                1000,
                1000,
                Duration.ofMillis(1),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(20));
    }

    TestSettings withPassword(String value) {
        return new TestSettings(
                Optional.of(new Secret(value)),
                accounts,
                certificate,
                key,
                port,
                maxClients,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withAccount(String name, String value) {
        return new TestSettings(
                password,
                Map.of(name, new Secret(value)),
                certificate,
                key,
                port,
                maxClients,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withTls(Path chain, Path privateKey) {
        return new TestSettings(
                password,
                accounts,
                Optional.of(chain),
                Optional.of(privateKey),
                port,
                maxClients,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withPort(int taken) {
        return new TestSettings(
                password,
                accounts,
                certificate,
                key,
                taken,
                maxClients,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withMaxClients(int most) {
        return new TestSettings(
                password,
                accounts,
                certificate,
                key,
                port,
                most,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withFlood(int burst, Duration interval) {
        return new TestSettings(
                password,
                accounts,
                certificate,
                key,
                port,
                maxClients,
                burst,
                interval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }

    TestSettings withTimeouts(Duration every, Duration timeout, Duration register) {
        return new TestSettings(
                password,
                accounts,
                certificate,
                key,
                port,
                maxClients,
                floodBurst,
                floodInterval,
                every,
                timeout,
                register);
    }

    IrcdSettings ircd() {
        return new IrcdSettings(
                true,
                new Endpoint("127.0.0.1", port),
                "irc.test",
                "TestNet",
                password,
                accounts,
                certificate.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Endpoint("127.0.0.1", 0)),
                certificate,
                key,
                List.of("Be kind."),
                maxClients,
                floodBurst,
                floodInterval,
                pingEvery,
                pingTimeout,
                registerTimeout);
    }
}
