/* Units, containers and pods from the paths that systemd and the runtimes make. */
#include "analyzer/account/cgroup_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "12345678_9abc_def0_1234_56789abcdef0"

static const struct known {
    const char *path, *unit, *container, *pod, *runtime, *short_name;
} known[] = {
    {"",                                                                                        "",                           "",       "",  NULL,         "/"              },
    {"/",                                                                                       "",                           "",       "",  NULL,         "/"              },
    {"/lab",                                                                                    "",                           "",       "",  NULL,         "lab"            },
    {"/system.slice/cron.service",                                                              "cron.service",               "",       "",  NULL,         "cron.service"   },
    {"/system.slice/cron.service/child",                                                        "cron.service",               "",       "",  NULL,         "cron.service"   },
    {"/system.slice",                                                                           "system.slice",               "",       "",  NULL,         "system.slice"   },
    {"/user.slice/user-1.slice/session-3.scope",                                                "session-3.scope",            "",       "",  NULL,
     "session-3.scope"                                                                                                                                                      },
    {"/user.slice/user@1.service/app.slice/a.scope",                                            "a.scope",                    "",       "",  NULL,         "a.scope"        },
    {"/docker/" ID,                                                                             "",                           ID,       "",  "docker",     "0123456789ab"   },
    {"/docker/buildx",                                                                          "",                           "buildx", "",  "docker",     "buildx"         },
    {"/system.slice/docker-" ID ".scope",                                                       "docker-" ID ".scope",        ID,       "",  "docker",     "0123456789ab"   },
    {"/docker/" ID "/system.slice/a.service",                                                   "a.service",                  ID,       "",  "docker",     "0123456789ab"   },
    {"/machine.slice/libpod-" ID ".scope",                                                      "libpod-" ID ".scope",        ID,       "",  "podman",     "0123456789ab"   },
    {"/machine.slice/libpod-conmon-" ID ".scope",                                               "libpod-conmon-" ID ".scope", "",       "",  NULL,
     "libpod-conmon-" ID ".scope"                                                                                                                                           },
    {"/kubepods/burstable/pod" UID "/" ID,                                                      "",                           ID,       UID, NULL,         "0123456789ab"   },
    {"/kubepods.slice/kubepods-pod" UID ".slice/cri-containerd-" ID ".scope",
     "cri-containerd-" ID ".scope",                                                                                           ID,       UID, "containerd", "0123456789ab"   },
    {"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID ".slice/crio-" ID,
     "kubepods-besteffort-pod" UID ".slice",                                                                                  ID,       UID, "cri-o",      "0123456789ab"   },
    {"/docker/" ID "/kubepods/podX/lxc.payload.in",                                             "",                           "in",     "X", "lxc",        "in"             },
    {"/podX/a",                                                                                 "",                           "",       "",  NULL,         "a"              },
    {"/lxc.payload.web/init.scope",                                                             "init.scope",                 "web",    "",  "lxc",        "web"            },
    {"/lxc.monitor.web",                                                                        "",                           "",       "",  NULL,         "lxc.monitor.web"},
    {"/machine.slice/systemd-nspawn@web.service/payload",                                       "systemd-nspawn@web.service", "web",    "",
     "nspawn",                                                                                                                                             "web"            },
    {"/a/" ID "0",                                                                              "",                           "",       "",  NULL,         ID "0"           },
    {"/docker-.scope",                                                                          "docker-.scope",              "",       "",  NULL,         "docker-.scope"  },
};

static void assert_text(struct slice have, const char *want)
{
    assert_int_equal(have.length_bytes, strlen(want));
    assert_true(slice_equal(have, slice_of(want)));
}

static void names_come_from_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct cgroup_name name = cgroup_name_of(slice_of(known[i].path));
        assert_text(name.unit, known[i].unit);
        assert_text(name.container, known[i].container);
        assert_text(name.pod, known[i].pod);
        assert_text(cgroup_short_name(slice_of(known[i].path)), known[i].short_name);
        if (known[i].runtime)
            assert_string_equal(name.runtime, known[i].runtime);
        else
            assert_null(name.runtime);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_come_from_the_path)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
