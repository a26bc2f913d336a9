#![doc = include_str!("ARCHITECTURE.md")]

// In the order in which data flows: what stands higher is imported by what stands lower.
pub mod domain;
pub mod telemetry;
pub mod text;
pub mod lines;
pub mod embed;
pub mod index;
pub mod playbook;
pub mod triage;
pub mod threads;
pub mod experts;
pub mod copilot;
pub mod connectors;
pub mod generate;
pub mod store;
pub mod blobs;
pub mod wire;
pub mod app;
pub mod jobs;
pub mod demo;
pub mod api;
pub mod web;
pub mod server;
pub mod config;
pub mod boot;
pub mod cli;
