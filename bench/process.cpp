// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <chrono>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hsl::bench {

ProcessCost run_process(const std::vector<std::string>& words) {
    int pipe_ends[2];
    ProcessCost cost;
    if (pipe(pipe_ends) != 0) return cost;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);

    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    pid_t child = 0;
    const int failure =
        posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    if (failure == 0) {
        char block[4096];
        for (ssize_t got; (got = read(pipe_ends[0], block, sizeof block)) > 0;)
            cost.output.append(block, static_cast<std::size_t>(got));
        int status = 0;
        rusage usage{};
        wait4(child, &status, 0, &usage);
        cost.wall_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        cost.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        cost.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
    }
    close(pipe_ends[0]);
    return cost;
}

}  // namespace hsl::bench
