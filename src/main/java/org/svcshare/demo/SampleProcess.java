package org.svcshare.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.svcshare.replica.NodeAddress;

/// One copy of the sample application, which ends with us, however we end.
final class SampleProcess {
    private static final Duration GLANCE = Duration.ofSeconds(5);

    final String name;
    final OwnProgram program;
    final NodeAddress address;
    private final HttpClient client;

    /// @param folder where it keeps what it has
    SampleProcess(Path folder, String name, int port, HttpClient client) {
        this.name = name;
        this.client = client;
        address = new NodeAddress("127.0.0.1", port);
        program =
                new OwnProgram(
                        name,
                        folder.resolve(name + ".log"),
                        "replica",
                        "sample",
                        "--listen",
                        address.toString(),
                        "--data",
                        folder.resolve(name + ".items").toString(),
                        "--until-input-ends");
    }

    /// What it answers to a `GET`; empty when it does not answer.
    Optional<String> get(String target) throws InterruptedException {
        try {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + target))
                                    .timeout(GLANCE)
                                    .build(),
                            BodyHandlers.ofString());
            return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
