/* analyzer/commands: the tables of commands and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "analyzer/commands/commands.h"
#include "analyzer/commands/options.h"

static void every_command_is_found_by_its_name(void **state)
{
    (void)state;
    size_t count;
    const struct command *commands = command_list(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(command_find(commands[i].name), &commands[i]);
        assert_non_null(commands[i].run);
        assert_true(commands[i].arguments[0] && commands[i].summary[0]);
        assert_in_range(commands[i].least_bundles, 1, commands[i].most_bundles);
        assert_int_equal(commands[i].name[0] == '\0', i == 0);
    }
    assert_null(command_find("ledge"));
    assert_null(command_find("ledgers"));
    assert_null(command_find("LEDGER"));
}

/* Two commands may give one letter two meanings, as smem and pmap do. */
static bool meet(const struct option_spec *a, const struct option_spec *b)
{
    size_t count;
    const struct command *commands = command_list(&count);
    for (size_t i = 0; i < count; i++)
        if (option_taken(a, &commands[i]) && option_taken(b, &commands[i]))
            return true;
    return false;
}

static void options_do_not_collide(void **state)
{
    (void)state;
    size_t count;
    const struct option_spec *options = option_list(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(options[i].name[0] && options[i].help[0]);
        assert_non_null(options[i].apply);
        assert_string_not_equal(options[i].name, "help");
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(options[i].name, options[j].name);
            assert_true(!options[i].letter || options[i].letter != options[j].letter ||
                        !meet(&options[i], &options[j]));
        }
    }
}

/* An option that no command takes is an option that nobody can use. */
static void every_option_has_a_command(void **state)
{
    (void)state;
    size_t options_count, commands_count;
    const struct option_spec *options = option_list(&options_count);
    const struct command *commands = command_list(&commands_count);
    for (size_t i = 0; i < options_count; i++) {
        size_t takers = 0;
        for (size_t j = 0; j < commands_count; j++)
            takers += option_taken(&options[i], &commands[j]);
        if (options[i].groups == 0)
            assert_int_equal(takers, commands_count);
        assert_true(takers > 0);
    }
}

static void columns_listed_for_help_are_real(void **state)
{
    (void)state;
    size_t count, columns_count;
    const struct command *commands = command_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (!commands[i].columns)
            continue;
        const struct column *columns = commands[i].columns(&columns_count);
        assert_true(columns_count > 0);
        for (size_t j = 0; j < columns_count; j++) {
            assert_true(columns[j].name[0] && columns[j].heading && columns[j].help[0]);
            assert_non_null(columns[j].cell);
            assert_null(strpbrk(columns[j].name, ", ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
            for (size_t k = 0; k < j; k++)
                assert_string_not_equal(columns[j].name, columns[k].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_found_by_its_name),
        cmocka_unit_test(options_do_not_collide),
        cmocka_unit_test(every_option_has_a_command),
        cmocka_unit_test(columns_listed_for_help_are_real),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
