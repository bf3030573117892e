package org.svcshare.cli;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `svcshare secret`: a new secret for a group.
@Command(
        header = "Draw a secret for a group (peers.secret-file) and print it.",
        footerHeading = "%nExamples:%n",
        footer = {"  (umask 077; svcshare secret > group.key)"})
final class SecretCommand implements Callable<Integer> {
    private static final int BYTES = 32;

    private final Surroundings surroundings;

    SecretCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        surroundings.out().println(HexFormat.of().formatHex(secret));
        return ExitCode.OK;
    }
}
