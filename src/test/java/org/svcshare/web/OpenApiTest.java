package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.web.Route.Entry;
import tools.jackson.databind.JsonNode;

/// The description of the API says what the server does, and nothing else.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class OpenApiTest {
    @Test
    void given_the_table_of_routes_when_held_against_the_description_then_both_say_the_same()
            throws Exception {
        try (TestSite site = TestSite.plain()) {
            JsonNode description = TestSite.json(site.get("/openapi.json"));
            var described = new TreeSet<String>();
            var open = new TreeSet<String>();
            description
                    .path("paths")
                    .properties()
                    .forEach(path ->
                            path.getValue()
                                    .properties()
                                    .forEach(operation -> {
                                        String name = operation.getKey() + " " + path.getKey();
                                        described.add(name);
                                        if (operation.getValue().has("security")) {
                                            open.add(name);
                                        }
                                    }));
            List<Route> table = site.server.table();

            var served = new TreeSet<String>();
            var withoutToken = new TreeSet<String>();
            for (Route route : table) {
                String name =
                        route.method().name().toLowerCase(Locale.ROOT)
                                + " "
                                + route.template().replace("{+", "{");
                served.add(name);
                if (route.entry() == Entry.OPEN || route.entry() == Entry.DISTRIBUTEX) {
                    withoutToken.add(name);
                }
            }
            assertEquals(served, described);
            assertEquals(withoutToken, open);
        }
    }

    @Test
    void given_the_codes_of_problems_when_held_against_the_description_then_all_are_named()
            throws Exception {
        try (TestSite site = TestSite.plain()) {
            JsonNode codes =
                    TestSite.json(site.get("/openapi.json"))
                            .at("/components/schemas/Problem/properties/code/enum");
            var described = new TreeSet<String>();
            codes.forEach(code -> described.add(code.asString()));

            var known = new TreeSet<String>();
            Arrays.stream(Problem.values()).forEach(problem -> known.add(problem.code));
            assertEquals(known, described);
        }
    }

    @Test
    void given_the_description_when_read_then_every_reference_leads_somewhere() throws Exception {
        try (TestSite site = TestSite.plain()) {
            JsonNode description = TestSite.json(site.get("/openapi.json"));
            List<JsonNode> references = description.findValues("$ref");

            assertTrue(references.size() > 10);
            for (JsonNode reference : references) {
                String place = reference.asString().substring(1);
                assertTrue(!description.at(place).isMissingNode(), place);
            }
        }
    }
}
