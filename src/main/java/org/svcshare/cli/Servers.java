package org.svcshare.cli;

import java.util.List;
import picocli.CommandLine.Option;

/// The option that names the servers.
final class Servers {
    @Option(
            names = "--server",
            paramLabel = "URL",
            split = ",",
            description = {
                "Whom to ask: host:port, http:// or https://; several are tried in turn."
                        + " Without: $SVCSHARE_ADDR, or "
                        + PoolAccess.DEFAULT_SERVER
                        + "."
            })
    private List<String> named = List.of();

    List<String> named() {
        return named;
    }
}
