package org.svcshare.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.Settings;
import org.svcshare.journal.JournalLook;

/// Is there a place for the locks to be kept?
final class PoolsCheck {
    private static final String SUBJECT = "pools";

    /// The log alone grows to this before it is cut.
    private static final long LEAST_ROOM_MB = 256;

    private static final int MOST_LINES = 500;

    private final PoolSettings pools;
    private final Optional<GroupSettings> group;
    private final boolean needed;

    PoolsCheck(Settings settings) {
        this.pools = settings.pools();
        this.group = settings.group();
        boolean guards = settings.guard().filter(guard -> guard.url().isEmpty()).isPresent();
        this.needed =
                guards
                        || settings.http().enabled()
                        || group.isPresent()
                        || !pools.rules().declared().isEmpty();
    }

    List<Finding> look() {
        if (!needed) {
            return List.of();
        }
        return switch (pools.engine()) {
            case MEMORY ->
                    List.of(Finding.well(SUBJECT, "in memory: a restart forgets who holds a lock"));
            case JOURNAL -> List.of(journal(pools.folder()));
            case MEMCACHED -> List.of(memcached(pools.memcached()));
            case CLUSTER -> new GroupCheck(group.orElseThrow()).look();
        };
    }

    // The journal.

    private static Finding journal(Path folder) {
        try {
            return switch (JournalLook.at(folder)) {
                case JournalLook.InUse() ->
                        Finding.doubtful(
                                SUBJECT,
                                folder
                                        + " is in use by a svcshare that runs; another one needs"
                                        + " a pools.folder of its own");
                case JournalLook.Damaged(String why) -> Finding.broken(SUBJECT, why);
                case JournalLook.Empty() -> writable(folder, "nothing kept yet");
                case JournalLook.Sound(long records) ->
                        writable(
                                folder,
                                "can be read, up to record "
                                        + String.format(Locale.ROOT, "%,d", records));
            };
        } catch (IOException e) {
            return Finding.broken(
                    SUBJECT, "cannot read " + folder + " as the user who you are: " + e);
        }
    }

    private static Finding writable(Path folder, String what) throws IOException {
        return writable(SUBJECT, "pools.folder", folder, what);
    }

    /// @param setting which names the folder
    static Finding writable(String subject, String setting, Path folder, String what)
            throws IOException {
        Path there = folder;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            return Finding.broken(
                    subject,
                    "cannot write to "
                            + there
                            + "; give it to the user who you are, or set "
                            + setting
                            + " to another");
        }
        long roomMb = Files.getFileStore(there).getUsableSpace() >> 20;
        return roomMb < LEAST_ROOM_MB
                ? Finding.doubtful(
                        subject,
                        folder
                                + ": "
                                + roomMb
                                + " MB are left on the disk; locks are refused when it is full")
                : Finding.well(subject, folder + ": " + what);
    }

    // Memcached.

    private static Finding memcached(PoolSettings.Memcached place) {
        String where = "memcached at " + place.at();
        int limitMs = (int) place.timeout().toMillis();
        long began = System.nanoTime();
        try (var socket = new Socket()) {
            InetAddress address = InetAddress.getByName(place.at().host());
            socket.connect(new InetSocketAddress(address, place.at().port()), limitMs);
            socket.setSoTimeout(limitMs);
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            socket.getOutputStream().write("version\r\n".getBytes(US_ASCII));
            String version = in.readLine();
            long tookMs = Duration.ofNanos(System.nanoTime() - began).toMillis();
            if (version == null || !version.startsWith("VERSION ")) {
                return Finding.broken(
                        SUBJECT, where + " does not answer as one; is the port right?");
            }
            socket.getOutputStream().write("stats settings\r\n".getBytes(US_ASCII));
            String found =
                    where
                            + ", "
                            + version.substring("VERSION ".length())
                            + ", answers in "
                            + tookMs
                            + " ms";
            return "on".equals(setting(in, "evictions"))
                    ? Finding.doubtful(
                            SUBJECT,
                            found + ", but drops locks when its memory is full; run it with -M")
                    : Finding.well(SUBJECT, found);
        } catch (UnknownHostException e) {
            return Finding.broken(SUBJECT, where + ": there is no host of that name");
        } catch (SocketTimeoutException e) {
            return Finding.broken(
                    SUBJECT,
                    where + ": no answer within pools.memcached-timeout (" + limitMs + " ms)");
        } catch (IOException e) {
            return Finding.broken(SUBJECT, where + ": " + e.getMessage() + "; does it run?");
        }
    }

    private static @Nullable String setting(BufferedReader in, String name) throws IOException {
        String wanted = "STAT " + name + " ";
        String found = null;
        for (int i = 0; i < MOST_LINES; i++) {
            String line = in.readLine();
            if (line == null || !line.startsWith("STAT ")) {
                break;
            }
            if (line.startsWith(wanted)) {
                found = line.substring(wanted.length());
            }
        }
        return found;
    }
}
