package org.svcshare.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The IRC channel on ngircd.
class IrcOnNgircdIT extends IrcServerContract {
    @Override
    List<String> command(String password) throws IOException {
        Path program = RealPart.find("ngircd");
        Path config = folder.resolve("ngircd.conf");
        String tls =
                hasCertificate()
                        ? """
                        [SSL]
                        CertFile = %s
                        KeyFile = %s
                        Ports = %d
                        """
                                .formatted(
                                        folder.resolve("cert.pem"),
                                        folder.resolve("key.pem"),
                                        tlsPort)
                        : "";
        Files.writeString(
                config,
                """
                [Global]
                Name = irc.test.net
                Info = test
                Listen = 127.0.0.1
                Ports = %d
                Password = %s
                Network = TestNet
                MotdPhrase = hello
                ServerUID = %s
                [Limits]
                MaxConnectionsIP = 0
                MaxJoins = 0
                MaxNickLength = 20
                MaxPenaltyTime = 0
                [Options]
                DNS = no
                Ident = no
                PAM = no
                %s
                """
                        .formatted(port, password, System.getProperty("user.name"), tls));
        return List.of(program.toString(), "-n", "-f", config.toString());
    }
}
