package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class Aria2Test {

    @Nested
    final class With_a_secret extends ClientProgramContract {
        @Override
        FakeProgram fake() {
            return new FakeAria2(true);
        }

        @Override
        String type() {
            return "aria2";
        }

        @Override
        String name() {
            return "aria2";
        }
    }
}
