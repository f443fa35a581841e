// SPDX-License-Identifier: MIT
//! Tokio: tasks on a current_thread runtime, spawn_blocking on as many blocking threads as workers.
//! The calls and the measuring are those of measure.c, linked in.

use std::ffi::CString;
use std::future::Future;
use std::os::raw::{c_char, c_int};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{spawn_blocking, yield_now, JoinHandle};

type Call = unsafe extern "C" fn(c_int) -> c_int;

extern "C" {
    fn x_plus_1(x: c_int) -> c_int;
    fn nap(x: c_int) -> c_int;
    fn bench_open(peer: *const c_char, argc: c_int, argv: *const *const c_char);
    fn bench_refuse() -> c_int;
    fn bench_chains_begin();
    fn bench_more_for_rust() -> bool;
    fn bench_chains_end(sum: i64);
    fn bench_calls_before() -> c_int;
    fn bench_batch_begin();
    fn bench_batch_queued();
    fn bench_batch_end(sum: i64);
    fn bench_gate_wait(x: c_int) -> c_int;
    fn bench_gate_wait_full();
    fn bench_gate_open();
}

async fn on_worker(call: Call, x: c_int) -> c_int {
    spawn_blocking(move || unsafe { call(x) }).await.unwrap()
}

async fn chain() -> c_int {
    let mut x = 0;
    loop {
        x = on_worker(x_plus_1, x).await;
        if !unsafe { bench_more_for_rust() } {
            return x;
        }
    }
}

fn spawn_all<F: Future<Output = c_int> + Send + 'static>(
    count: c_int,
    task: impl Fn(c_int) -> F,
) -> Vec<JoinHandle<c_int>> {
    (0..count).map(|i| tokio::spawn(task(i))).collect()
}

async fn sum_of(tasks: Vec<JoinHandle<c_int>>) -> i64 {
    let mut sum = 0;
    for task in tasks {
        sum += i64::from(task.await.unwrap());
    }
    sum
}

async fn chains(in_flight: c_int) {
    unsafe { bench_chains_begin() };
    let sum = sum_of(spawn_all(in_flight, |_| chain())).await;
    unsafe { bench_chains_end(sum) };
}

async fn sleeps(count: c_int) {
    sum_of(spawn_all(unsafe { bench_calls_before() }, |i| on_worker(nap, i))).await;
    unsafe { bench_batch_begin() };
    let sum = sum_of(spawn_all(count, |i| on_worker(nap, i))).await;
    unsafe { bench_batch_end(sum) };
}

async fn pending(count: c_int, workers: c_int) {
    let blocked = (0..workers).map(|i| spawn_blocking(move || unsafe { bench_gate_wait(i) }));
    let blocked: Vec<_> = blocked.collect();
    unsafe { bench_gate_wait_full() };
    unsafe { bench_batch_begin() };
    let tasks = spawn_all(count, |i| on_worker(x_plus_1, i));
    for _ in 0..count / 16 {
        yield_now().await; // each task up to its call
    }
    unsafe { bench_batch_queued() };
    unsafe { bench_gate_open() };
    let sum = sum_of(tasks).await;
    sum_of(blocked).await;
    unsafe { bench_batch_end(sum) };
}

fn runtime(workers: c_int) -> Runtime {
    Builder::new_current_thread().max_blocking_threads(workers as usize).build().unwrap()
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let strings: Vec<CString> = words.iter().map(|word| CString::new(&word[..]).unwrap()).collect();
    let argv: Vec<*const c_char> = strings.iter().map(|string| string.as_ptr()).collect();
    let peer = CString::new("tokio").unwrap();
    unsafe { bench_open(peer.as_ptr(), argv.len() as c_int, argv.as_ptr()) };

    let (in_flight, workers) = (words[2].parse().unwrap(), words[3].parse().unwrap());
    match &words[1][..] {
        "rate" | "latency" => runtime(workers).block_on(chains(in_flight)),
        "sleeps" | "sleeps_cold" => runtime(workers).block_on(sleeps(in_flight)),
        "pending" => runtime(workers).block_on(pending(in_flight, workers)),
        _ => std::process::exit(unsafe { bench_refuse() }),
    }
}
