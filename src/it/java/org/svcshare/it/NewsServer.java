package org.svcshare.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import org.awaitility.Awaitility;

/// A real INN in a folder of its own: innd takes what is posted, nnrpd serves readers on a port of
/// its own.
///
/// Readers that went to innd's port would be greeted in transit mode and refused.
final class NewsServer implements AutoCloseable {
    private static final String GROUP = "alt.binaries.test";
    private static final String NEWS = "news";
    private static final int PART_BYTES = 400_000;
    private static final int LINE_COLUMNS = 128;

    private final RealPart innd;
    private final RealPart nnrpd;
    private final int readPort;

    private NewsServer(RealPart innd, RealPart nnrpd, int readPort) {
        this.innd = innd;
        this.nnrpd = nnrpd;
        this.readPort = readPort;
    }

    static NewsServer start(Path parent) throws IOException, InterruptedException {
        Path program = RealPart.find("innd");
        Path reader = RealPart.find("nnrpd");
        Path makedbz = RealPart.find("makedbz");
        Path home = Files.createDirectories(parent.resolve("news"));
        int postPort = RealPart.freePort();
        int readPort = RealPart.freePort();
        configure(home, postPort);
        var environment = Map.of("INNCONF", home.resolve("etc/inn.conf").toString());
        if (user().equals(NEWS)) {
            // Started by root, INN becomes the user of its package, who must reach its folder.
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx--x--x"));
            run(home, environment, "chown", "-R", NEWS + ":" + NEWS, home.toString());
        }
        run(home.resolve("db"), environment, makedbz.toString(), "-i", "-o", "-s", "1000");
        RealPart innd =
                RealPart.start(
                        home,
                        environment,
                        List.of(program.toString(), "-f", "-P", String.valueOf(postPort)));
        awaitGreeting(innd, postPort);
        RealPart nnrpd =
                RealPart.start(
                        home,
                        environment,
                        List.of(
                                reader.toString(),
                                "-D",
                                "-f",
                                "-4",
                                "127.0.0.1",
                                "-p",
                                String.valueOf(readPort)));
        awaitGreeting(nnrpd, readPort);
        return new NewsServer(innd, nnrpd, readPort);
    }

    private static void configure(Path home, int postPort) throws IOException {
        for (String part : List.of("etc", "db", "log", "run", "tmp", "spool")) {
            Files.createDirectories(home.resolve(part));
        }
        Path etc = home.resolve("etc");
        Path db = home.resolve("db");
        Files.writeString(
                etc.resolve("inn.conf"),
                """
                mta: "/bin/true %%s"
                organization: lab
                ovmethod: tradindexed
                hismethod: hisv6
                pathhost: news.lab.test
                domain: lab.test
                fromhost: news.lab.test
                server: 127.0.0.1
                bindaddress: 127.0.0.1
                port: %1$d
                runasuser: %2$s
                runasgroup: %3$s
                enableoverview: true
                maxartsize: 2000000
                pathnews: /usr/lib/news
                pathbin: /usr/lib/news/bin
                pathetc: %4$s/etc
                pathdb: %4$s/db
                pathlog: %4$s/log
                pathrun: %4$s/run
                pathtmp: %4$s/tmp
                pathspool: %4$s/spool
                patharticles: %4$s/spool/articles
                pathoverview: %4$s/spool/overview
                pathincoming: %4$s/spool/incoming
                pathoutgoing: %4$s/spool/outgoing
                patharchive: %4$s/spool/archive
                """
                        .formatted(postPort, user(), groupOf(home), home));
        Files.writeString(
                etc.resolve("storage.conf"),
                """
                method tradspool {
                    newsgroups: *
                    class: 0
                }
                """);
        Files.writeString(
                etc.resolve("readers.conf"),
                """
                auth here {
                    hosts: "127.0.0.1"
                    default: "user"
                }
                access here {
                    users: "user"
                    newsgroups: "*"
                    access: RPA
                }
                """);
        Files.writeString(
                etc.resolve("incoming.conf"),
                """
                peer ME {
                    hostname: "127.0.0.1"
                }
                """);
        Files.writeString(etc.resolve("newsfeeds"), "ME:*::\n");
        Files.writeString(etc.resolve("expire.ctl"), "/remember/:10\n*:A:1:10:never\n");
        Files.writeString(
                db.resolve("active"),
                """
                control 0000000000 0000000001 n
                control.cancel 0000000000 0000000001 n
                junk 0000000000 0000000001 n
                %s 0000000000 0000000001 y
                """
                        .formatted(GROUP));
        for (Path empty :
                List.of(
                        db.resolve("history"),
                        db.resolve("newsgroups"),
                        db.resolve("active.times"),
                        home.resolve("log/news"))) {
            Files.createFile(empty);
        }
        for (String part : List.of("articles", "overview", "incoming", "outgoing", "archive")) {
            Files.createDirectories(home.resolve("spool").resolve(part));
        }
    }

    private static String user() {
        String user = System.getProperty("user.name");
        return user.equals("root") ? NEWS : user;
    }

    private static String groupOf(Path file) throws IOException {
        if (user().equals(NEWS)) {
            return NEWS;
        }
        return Files.readAttributes(file, PosixFileAttributes.class).group().getName();
    }

    private static void run(Path folder, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        var builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        if (process.waitFor() != 0) {
            throw new IOException(List.of(command) + ": " + printed);
        }
    }

    private static void awaitGreeting(RealPart part, int port) {
        Awaitility.await("a news server greets")
                .atMost(Duration.ofSeconds(30))
                .failFast("it has ended: " + part.printed(), () -> !part.alive())
                .until(() -> {
                    try (var probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        return probe.getInputStream().read() == '2';
                    } catch (IOException _) {
                        return false;
                    }
                });
    }

    int readPort() {
        return readPort;
    }

    /// Posts bytes in yEnc parts and writes the NZB file that names them.
    Path post(String name, byte[] payload, Path nzb) throws IOException {
        int total = (payload.length + PART_BYTES - 1) / PART_BYTES;
        var segments = new StringBuilder();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), readPort);
                var in =
                        new BufferedReader(
                                new InputStreamReader(socket.getInputStream(), ISO_8859_1))) {
            expect(in, "200");
            for (int part = 1; part <= total; part++) {
                String id = "part%d.%d@lab.test".formatted(part, readPort);
                byte[] body = yenc(name, payload, part, total);
                var article = new ByteArrayOutputStream();
                article.writeBytes(
                        """
                        From: poster <poster@lab.test>
                        Newsgroups: %s
                        Subject: "%s" yEnc (%d/%d)
                        Message-ID: <%s>

                        """
                                .formatted(GROUP, name, part, total, id)
                                .replace("\n", "\r\n")
                                .getBytes(ISO_8859_1));
                article.writeBytes(body);
                article.writeBytes(".\r\n".getBytes(ISO_8859_1));
                socket.getOutputStream().write("POST\r\n".getBytes(ISO_8859_1));
                expect(in, "340");
                socket.getOutputStream().write(article.toByteArray());
                expect(in, "240");
                segments.append(
                        "<segment bytes=\"%d\" number=\"%d\">%s</segment>%n"
                                .formatted(body.length, part, id));
            }
            socket.getOutputStream().write("QUIT\r\n".getBytes(ISO_8859_1));
        }
        return Files.writeString(
                nzb,
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">
                <file poster="poster@lab.test" date="1700000000" subject="&quot;%s&quot; yEnc (1/%d)">
                <groups><group>%s</group></groups>
                <segments>
                %s</segments>
                </file>
                </nzb>
                """
                        .formatted(name, total, GROUP, segments));
    }

    private static void expect(BufferedReader in, String code) throws IOException {
        String line = in.readLine();
        if (line == null || !line.startsWith(code)) {
            throw new IOException("expected " + code + ", came " + line);
        }
    }

    /// One part as yEnc 1.3 describes it, with dots doubled for the wire (RFC 3977, section 3.1.1).
    private static byte[] yenc(String name, byte[] payload, int part, int total) {
        int begin = (part - 1) * PART_BYTES;
        int end = Math.min(begin + PART_BYTES, payload.length);
        var out = new ByteArrayOutputStream();
        out.writeBytes(
                String.format(
                                Locale.ROOT,
                                "=ybegin part=%d total=%d line=%d size=%d name=%s%n=ypart begin=%d end=%d%n",
                                part,
                                total,
                                LINE_COLUMNS,
                                payload.length,
                                name,
                                begin + 1,
                                end)
                        .replace("\n", "\r\n")
                        .getBytes(ISO_8859_1));
        int column = 0;
        for (int i = begin; i < end; i++) {
            int code = (payload[i] + 42) & 0xff;
            if (code == 0 || code == '\n' || code == '\r' || code == '=') {
                out.write('=');
                code = (code + 64) & 0xff;
                column++;
            } else if (code == '.' && column == 0) {
                out.write('.');
            }
            out.write(code);
            if (++column >= LINE_COLUMNS) {
                out.writeBytes("\r\n".getBytes(ISO_8859_1));
                column = 0;
            }
        }
        if (column > 0) {
            out.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        var crc = new CRC32();
        crc.update(payload, begin, end - begin);
        out.writeBytes(
                String.format(
                                Locale.ROOT,
                                "=yend size=%d part=%d pcrc32=%08x\r\n",
                                end - begin,
                                part,
                                crc.getValue())
                        .getBytes(ISO_8859_1));
        return out.toByteArray();
    }

    @Override
    public void close() {
        nnrpd.close();
        innd.close();
    }
}
