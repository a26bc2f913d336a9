#![doc = include_str!("ARCHITECTURE.md")]

// In the order in which data flows.
pub mod api;
pub mod app;
pub mod boot;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod copilot;
pub mod demo;
pub mod domain;
pub mod embed;
pub mod experts;
pub mod generate;
pub mod index;
pub mod jobs;
pub mod learn;
pub mod playbook;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod threads;
pub mod lines;
pub mod triage;
pub mod web;
pub mod wire;
