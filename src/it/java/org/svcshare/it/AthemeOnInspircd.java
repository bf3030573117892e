package org.svcshare.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/// A real InspIRCd with the real services of Atheme linked to it: accounts, SASL, NickServ.
final class AthemeOnInspircd implements AutoCloseable {
    final int port;
    final int tlsPort;
    private final RealPart server;
    private final RealPart services;

    private AthemeOnInspircd(int port, int tlsPort, RealPart server, RealPart services) {
        this.port = port;
        this.tlsPort = tlsPort;
        this.server = server;
        this.services = services;
    }

    /// @param folder for both; `cert.pem` and `key.pem` of the server are there
    static AthemeOnInspircd start(Path folder) throws IOException {
        Path inspircd = RealPart.find("inspircd");
        Path atheme = RealPart.find("atheme-services");
        int port = RealPart.freePort();
        int tlsPort = RealPart.freePort();
        int linkPort = RealPart.freePort();
        Path serverFile = folder.resolve("inspircd.conf");
        Files.writeString(serverFile, server(folder, port, tlsPort, linkPort));
        RealPart server =
                RealPart.start(
                        folder,
                        Map.of(),
                        List.of(
                                inspircd.toString(),
                                "--nofork",
                                "--nopid",
                                "--runasroot",
                                "--config=" + serverFile));
        IrcUser.connect(port, "first", "").close();
        Path servicesFile = folder.resolve("atheme.conf");
        Files.writeString(servicesFile, services(linkPort));
        RealPart services =
                RealPart.start(
                        folder,
                        Map.of(),
                        List.of(
                                atheme.toString(),
                                "-n",
                                "-c",
                                servicesFile.toString(),
                                "-D",
                                folder.toString(),
                                "-l",
                                folder.resolve("atheme.log").toString(),
                                "-p",
                                folder.resolve("atheme.pid").toString()));
        var both = new AthemeOnInspircd(port, tlsPort, server, services);
        try {
            both.untilLinked();
        } catch (RuntimeException | AssertionError e) {
            both.close();
            throw e;
        }
        return both;
    }

    private void untilLinked() {
        try (var person = IrcUser.connect(port, "second", "")) {
            Awaitility.await("services are linked")
                    .atMost(Duration.ofSeconds(30))
                    .failFast("services have ended", () -> !services.alive())
                    .until(() -> {
                        person.say("ISON NickServ SaslServ");
                        return person.expect(" 303 ").contains("SaslServ");
                    });
        }
    }

    private static String server(Path folder, int port, int tlsPort, int linkPort) {
        return """
        <config format="xml">
        <server name="irc.test.net" description="test" network="TestNet">
        <admin name="a" nick="a" email="a@test.net">
        <bind address="127.0.0.1" port="%d" type="clients">
        <bind address="127.0.0.1" port="%d" type="clients" sslprofile="test">
        <bind address="127.0.0.1" port="%d" type="servers">
        <connect allow="*" timeout="20" maxchans="20" localmax="1000" globalmax="1000"
            resolvehostnames="no" fakelag="no" commandrate="1000000" threshold="1000"
            softsendq="65536">
        <path datadir="%s" logdir="%s" runtimedir="%s">
        <log method="file" type="*" level="default" target="%s">
        <options casemapping="ascii" splitwhois="no">
        <module name="cap">
        <module name="ircv3">
        <module name="ircv3_accounttag">
        <module name="services_account">
        <module name="sasl">
        <sasl target="services.test.net" requiressl="no">
        <module name="ssl_gnutls">
        <sslprofile name="test" provider="gnutls" certfile="%s" keyfile="%s" hash="sha256">
        <module name="sslinfo">
        <module name="hidechans">
        <module name="namesx">
        <module name="spanningtree">
        <link name="services.test.net" ipaddr="127.0.0.1" port="%d"
            allowmask="127.0.0.1/32" sendpass="link" recvpass="link">
        <uline server="services.test.net" silent="yes">
        """
                .formatted(
                        port,
                        tlsPort,
                        linkPort,
                        folder,
                        folder,
                        folder,
                        folder.resolve("log"),
                        folder.resolve("cert.pem"),
                        folder.resolve("key.pem"),
                        linkPort);
    }

    private static String services(int linkPort) {
        return """
        loadmodule "modules/protocol/inspircd";
        loadmodule "modules/backend/opensex";
        loadmodule "modules/crypto/rawsha1";
        loadmodule "modules/nickserv/main";
        loadmodule "modules/nickserv/register";
        loadmodule "modules/nickserv/identify";
        loadmodule "modules/nickserv/logout";
        loadmodule "modules/nickserv/enforce";
        loadmodule "modules/nickserv/cert";
        loadmodule "modules/saslserv/main";
        loadmodule "modules/saslserv/plain";
        loadmodule "modules/saslserv/external";
        serverinfo {
          name = "services.test.net"; desc = "services"; numeric = "00A"; recontime = 1;
          netname = "TestNet"; adminname = "a"; adminemail = "a@test.net";
          registeremail = "a@test.net"; mta = "/bin/true"; loglevel = { error; info; };
          maxlogins = 50; maxusers = 50; mdlimit = 30; emaillimit = 10; emailtime = 300;
          auth = none; casemapping = ascii;
        };
        uplink "irc.test.net" {
          host = "127.0.0.1"; port = %d; send_password = "link"; receive_password = "link";
        };
        nickserv {
          nick = "NickServ"; user = "ns"; host = "services.test.net"; real = "Nicks";
        };
        saslserv {
          nick = "SaslServ"; user = "ss"; host = "services.test.net"; real = "SASL";
        };
        general { commit_interval = 5; };
        """
                .formatted(linkPort);
    }

    /// A person logged in to a new account of the same name.
    IrcUser register(String nick, String password) {
        var person = IrcUser.connect(port, nick, "");
        person.say("PRIVMSG NickServ :REGISTER " + password + " " + nick + "@test.net");
        person.expect(" 900 ");
        return person;
    }

    /// What they have printed, for messages of failed tests.
    String printed() {
        return server.printed() + services.printed();
    }

    @Override
    public void close() {
        services.close();
        server.close();
    }
}
