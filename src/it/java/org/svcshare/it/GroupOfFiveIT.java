package org.svcshare.it;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Of five nodes any two may die.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupOfFiveIT {
    @TempDir private Path folder;

    @Test
    void given_load_when_two_of_five_are_killed_at_once_then_the_others_go_on() throws Exception {
        FaultRounds.assumeWanted();
        try (var group = new NodeGroup(folder, 5).startAll()) {
            FaultRounds.run(group, GroupOfFiveIT::twoAreKilledTwice);
        }
    }

    private static void twoAreKilledTwice(NodeGroup group, LockUsers users) throws Exception {
        String leader = group.leader();
        List<String> others = group.others(leader);
        for (List<String> two : List.of(List.of(leader, others.getFirst()), others.subList(2, 4))) {
            for (String node : two) {
                group.kill(node);
            }
            users.goOn();
            for (String node : two) {
                group.start(node);
            }
            group.awaitReady();
        }
    }
}
