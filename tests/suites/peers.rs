//! Independent programs: codecs of `PyPI` beside ours, npm `smpp` as SMSC and as application, `smpplib`
//! as application, an HTTP aggregator, gammu and smstools at the simulated modem, zbar on a printed slip,
//! and a browser on the demo's page and on those of a district office.
//!
//! The suite has its own `main` (`tests::peer::play`): a missing program is told on a line of its
//! own and counted in the last one, and fails the suite under `REQUIRE_PEERS=1`.

mod peers {
    pub(crate) mod aggregator;
    pub(crate) mod alphabet;
    pub(crate) mod application;
    pub(crate) mod cell;
    pub(crate) mod modem;
    pub(crate) mod office;
    pub(crate) mod officer;
    pub(crate) mod slip;
    pub(crate) mod smsc;
    pub(crate) mod stranger;
}

use std::process::ExitCode;

use peers::{aggregator, alphabet, application, cell, modem, officer, slip, smsc, stranger};
use tests::peer::{self, Case};

/// In the order in which they run.
const CASES: [Case; 23] = [
    Case {
        name: "independent_codecs_agree_on_100_000_texts",
        play: alphabet::independent_codecs_agree_on_100_000_texts,
    },
    Case {
        name: "gammu_identifies_sends_lists_and_asks_the_balance",
        play: modem::gammu_identifies_sends_lists_and_asks_the_balance,
    },
    Case {
        name: "smstools_sends_with_report_and_receives",
        play: modem::smstools_sends_with_report_and_receives,
    },
    Case {
        name: "npm_smpp_smsc_drives_ten_ussd_registrations",
        play: smsc::npm_smpp_smsc_drives_ten_ussd_registrations,
    },
    Case {
        name: "doubled_and_reordered_pdus_end_in_the_same_state",
        play: smsc::doubled_and_reordered_pdus_end_in_the_same_state,
    },
    Case {
        name: "a_gateway_without_a_counter_that_lost_a_screen_repeats_no_answer",
        play: smsc::a_gateway_without_a_counter_that_lost_a_screen_repeats_no_answer,
    },
    Case {
        name: "a_session_cut_with_its_link_goes_on_when_the_person_dials_again",
        play: smsc::a_session_cut_with_its_link_goes_on_when_the_person_dials_again,
    },
    Case {
        name: "a_refused_bind_is_reported_and_not_repeated_while_the_other_link_serves",
        play: smsc::a_refused_bind_is_reported_and_not_repeated_while_the_other_link_serves,
    },
    Case {
        name: "an_aggregators_doubled_and_lost_requests_end_in_the_same_state",
        play: aggregator::an_aggregators_doubled_and_lost_requests_end_in_the_same_state,
    },
    Case {
        name: "an_aggregators_api_without_credit_holds_messages_and_is_told",
        play: aggregator::an_api_without_credit_holds_messages_and_is_told,
    },
    Case {
        name: "the_settings_in_the_aggregator_guide_start",
        play: || {
            aggregator::the_settings_in_the_guide_start();
            Ok(())
        },
    },
    Case {
        name: "the_stand_in_switch_is_understood_by_the_demo_entity",
        play: cell::the_stand_in_switch_is_understood_by_the_demo_entity,
    },
    Case {
        name: "a_phone_of_an_own_cell_registers_through_the_real_register",
        play: cell::a_phone_of_an_own_cell_registers_through_the_real_register,
    },
    Case {
        name: "screens_at_the_limit_pass_the_real_register",
        play: cell::screens_at_the_limit_pass_the_real_register,
    },
    Case {
        name: "a_register_that_restarts_in_the_middle_costs_one_dialling",
        play: cell::a_register_that_restarts_in_the_middle_costs_one_dialling,
    },
    Case {
        name: "a_node_killed_in_the_middle_goes_on_with_the_next_answer",
        play: cell::a_node_killed_in_the_middle_goes_on_with_the_next_answer,
    },
    Case {
        name: "a_phone_without_a_number_is_told_so",
        play: cell::a_phone_without_a_number_is_told_so,
    },
    Case {
        name: "an_application_of_npm_smpp_sends_by_the_node_and_gets_receipts",
        play: application::an_application_of_npm_smpp_sends_by_the_node_and_gets_receipts,
    },
    Case {
        name: "an_application_of_smpplib_sends_by_the_node_and_gets_receipts",
        play: application::an_application_of_smpplib_sends_by_the_node_and_gets_receipts,
    },
    Case {
        name: "a_printed_slip_is_read_by_zbar_and_proves_the_registration",
        play: slip::a_printed_slip_is_read_by_zbar_and_proves_the_registration,
    },
    Case {
        name: "a_stranger_reaches_accepted_using_only_the_page",
        play: stranger::a_stranger_reaches_accepted_using_only_the_page,
    },
    Case {
        name: "a_stranger_without_script_reaches_accepted_by_reloading",
        play: stranger::a_stranger_without_script_reaches_accepted_by_reloading,
    },
    Case {
        name: "an_officer_settles_a_pair_at_a_browser_and_parts_it_again",
        play: officer::an_officer_settles_a_pair_at_a_browser_and_parts_it_again,
    },
];

fn main() -> ExitCode {
    peer::play(&CASES)
}
