"""A recurring job is enqueued once in its period, and again where it got lost; an attempt that was overtaken stops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from rq import Queue

from backend.infra.jobs import RUN_RETENTION
from backend.jobs.recurring import RecurringJobs
from backend.jobs.runs import JobRuns, Overtaken
from tests.set_clock import SetClock

JOB = RUN_RETENTION.name


class TestEnqueuing:
    def test_of_many_who_ask_at_once_one_enqueues(
        self, recurring: RecurringJobs, queue: Queue, period: str
    ) -> None:
        with ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(lambda _: recurring.see_to(RUN_RETENTION, period), range(24)))
        assert asked.count(True) == 1
        assert [job.kwargs for job in queue.get_jobs()] == [{"period": period}]

    def test_it_waits_however_long_without_being_enqueued_again(
        self, recurring: RecurringJobs, clock: SetClock, period: str
    ) -> None:
        assert recurring.see_to(RUN_RETENTION, period)
        clock.advance(days=1)
        assert not recurring.see_to(RUN_RETENTION, period)

    def test_one_that_valkey_forgot_is_enqueued_again_once(
        self, recurring: RecurringJobs, queue: Queue, clock: SetClock, period: str
    ) -> None:
        recurring.see_to(RUN_RETENTION, period)
        queue.delete()
        clock.advance(seconds=59)
        assert not recurring.see_to(RUN_RETENTION, period)  # whoever claimed it may be about to enqueue it
        clock.advance(seconds=1)
        with ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(lambda _: recurring.see_to(RUN_RETENTION, period), range(24)))
        assert asked.count(True) == 1
        assert len(queue.get_jobs()) == 1

    def test_one_that_failed_for_good_is_tried_again_after_an_hour(
        self, recurring: RecurringJobs, queue: Queue, clock: SetClock, period: str
    ) -> None:
        recurring.see_to(RUN_RETENTION, period)
        job = queue.get_jobs()[0]
        queue.remove(job)
        queue.failed_job_registry.add(job, ttl=1000)
        job.set_status("failed")
        clock.advance(minutes=59)
        assert not recurring.see_to(RUN_RETENTION, period)
        clock.advance(minutes=1)
        assert recurring.see_to(RUN_RETENTION, period)
        assert len(queue.get_jobs()) == 1
        assert len(queue.failed_job_registry) == 0

    def test_one_that_was_skipped_is_tried_again_after_a_day_and_then_it_may_fail(
        self, recurring: RecurringJobs, runs: JobRuns, queue: Queue, clock: SetClock, period: str
    ) -> None:
        recurring.see_to(RUN_RETENTION, period)
        runs.skip(runs.begin(JOB, period), "nobody has set it up")
        queue.delete()
        clock.advance(hours=23)
        assert not recurring.see_to(RUN_RETENTION, period)
        clock.advance(hours=1)
        assert recurring.see_to(RUN_RETENTION, period)
        runs.begin(JOB, period)  # it is set up now, but something else is wrong
        queue.delete()
        clock.advance(hours=1)
        assert recurring.see_to(RUN_RETENTION, period)

    def test_one_that_is_done_is_not_repeated_though_valkey_forgot_it(
        self, recurring: RecurringJobs, runs: JobRuns, queue: Queue, clock: SetClock, period: str
    ) -> None:
        recurring.see_to(RUN_RETENTION, period)
        runs.end(runs.begin(JOB, period), {})
        queue.delete()
        clock.advance(days=30)
        assert not recurring.see_to(RUN_RETENTION, period)

    def test_the_next_period_has_a_run_of_its_own(
        self, recurring: RecurringJobs, runs: JobRuns, period: str
    ) -> None:
        recurring.see_to(RUN_RETENTION, period)
        runs.end(runs.begin(JOB, period), {})
        assert recurring.see_to(RUN_RETENTION, f"{period}-next")


class TestTurns:
    def test_whoever_begins_later_has_the_turn(self, runs: JobRuns, period: str) -> None:
        first = runs.begin(JOB, period)
        runs.check(first)
        second = runs.begin(JOB, period)
        runs.check(second)
        with pytest.raises(Overtaken):
            runs.check(first)
        with pytest.raises(Overtaken):
            runs.end(first, {})
        assert not runs.is_done(JOB, period)
        runs.end(second, {})
        assert runs.is_done(JOB, period)

    def test_a_run_of_yesterday_that_wakes_up_today_stops(self, runs: JobRuns, period: str) -> None:
        yesterday = runs.begin(JOB, period)
        runs.end(runs.begin(JOB, f"{period}-next"), {})
        with pytest.raises(Overtaken):
            runs.check(yesterday)

    def test_no_two_have_the_same_token(self, runs: JobRuns, period: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            turns = list(pool.map(lambda _: runs.begin(JOB, period), range(24)))
        tokens = sorted(turn.token for turn in turns)
        assert len(set(tokens)) == 24
        runs.check(max(turns, key=lambda turn: turn.token))

    def test_other_jobs_are_not_disturbed(self, runs: JobRuns, period: str) -> None:
        mine = runs.begin(JOB, period)
        runs.begin("another_job", period)
        runs.check(mine)
