package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class HellanzbTest {

    @Nested
    final class Contract extends ClientProgramContract {
        @Override
        FakeProgram fake() {
            return new FakeHellanzb();
        }

        @Override
        String type() {
            return "hellanzb";
        }

        @Override
        String name() {
            return "hellanzb";
        }

        @Override
        boolean pausesItems() {
            return false;
        }

        @Override
        boolean takesIds() {
            return true;
        }
    }
}
