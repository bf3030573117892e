package org.svcshare.gossip;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.svcshare.config.SettingsReader;
import org.svcshare.store.Change;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.Value;

/// How long a put takes to all members of one process, each with its own port and store:
/// `SpreadBench MEMBERS ROUNDS PUTS PAUSE_MS`. The first round is for the compiler.
final class SpreadBench {
    private static final AtomicReference<CountDownLatch> LEFT =
            new AtomicReference<>(new CountDownLatch(0));

    private SpreadBench() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        int puts = Integer.parseInt(arguments[2]);
        long pauseMs = Long.parseLong(arguments[3]);
        Path folder = Files.createTempDirectory("spread");
        List<JGroupsGroup> members = start(count, folder);
        var random = new Random();
        for (int round = 0; round < rounds; round++) {
            double[] tookMs = new double[puts];
            for (int i = 0; i < puts; i++) {
                LEFT.set(new CountDownLatch(count));
                long began = System.nanoTime();
                put(members.get(random.nextInt(count)), "key" + i % 20, "value " + i);
                if (!LEFT.get().await(1, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("a put did not get to all");
                }
                tookMs[i] = (System.nanoTime() - began) / 1e6;
                Thread.sleep(pauseMs);
            }
            Arrays.sort(tookMs);
            System.out.printf(
                    Locale.ROOT,
                    "a put at all %d in one process, ms: median %.1f, p99 %.1f, longest %.1f of %d%n",
                    count,
                    tookMs[puts / 2],
                    tookMs[(int) (0.99 * (puts - 1))],
                    tookMs[puts - 1],
                    puts);
        }
        // Fifty goodbyes one after the other are of no interest here.
        System.exit(0);
    }

    private static List<JGroupsGroup> start(int count, Path folder) throws Exception {
        var members = new ArrayList<JGroupsGroup>();
        for (int i = 0; i < count; i++) {
            var given =
                    new HashMap<String, Object>(Map.of("name", "m" + i, "listen", "127.0.0.1:0"));
            if (i > 0) {
                given.put("seeds", List.of(members.getFirst().listening().toString()));
            }
            members.add(
                    JGroupsGroup.start(
                            SettingsReader.gossip(given, folder.resolve("m" + i)),
                            "bench",
                            InstantSource.system(),
                            new Random(),
                            SpreadBench::told));
            while (i % 5 == 0 && alive(members.getFirst()) <= i) {
                Thread.sleep(50);
            }
        }
        for (JGroupsGroup member : members) {
            while (alive(member) < count) {
                Thread.sleep(50);
            }
        }
        return members;
    }

    private static long alive(JGroupsGroup group) {
        return group.members().stream()
                .filter(member -> member.state() == Member.State.ALIVE)
                .count();
    }

    private static void told(GroupEvent event) {
        if (event instanceof GroupEvent.OfKey) {
            LEFT.get().countDown();
        }
    }

    private static void put(JGroupsGroup member, String key, String value) {
        member.change(
                new Change.Put(
                        key, Value.text(value), Optional.empty(), new Change.Condition.Any()),
                outcome -> {
                    if (!(outcome instanceof Change.Outcome.Done)) {
                        System.out.println("not done: " + outcome);
                    }
                });
    }
}
