"""The adversarial attack on the page: buttons, the story over the picture, the click that ends it."""

import re

from playwright.sync_api import expect

from tests.browser.driver import Dashboard


def test_a_step_tells_its_story_and_a_click_brings_the_scene_back(dashboard: Dashboard) -> None:
    page, default = dashboard.page, dashboard.picture()
    overlay = page.locator(".attack-overlay")
    expect(overlay).to_be_hidden()
    page.get_by_role("button", name="PGD Step").click()
    expect(overlay).to_contain_text(re.compile(r"Model 1\s*German shepherd\s*\d+ % → \d+ %"))
    expect(page.locator(".attack-panel")).to_contain_text(re.compile(r"1 step\s*L2 0\.12\d* of 1"))
    dashboard.wait_for_other_picture(default)
    page.mouse.click(*dashboard.scene_point())
    expect(overlay).to_be_hidden()
    dashboard.wait_for_picture(default)


def test_a_double_click_ends_the_attack_and_leaves_the_camera(dashboard: Dashboard) -> None:
    page = dashboard.page
    dashboard.drag(40, 0)
    yaw = dashboard.number("camera.yaw")
    assert yaw != -30
    page.get_by_role("button", name="PGD Step").click()
    expect(page.locator(".attack-overlay")).to_be_visible()
    page.mouse.dblclick(*dashboard.scene_point())
    expect(page.locator(".attack-overlay")).to_be_hidden()
    dashboard.settle()
    assert dashboard.number("camera.yaw") == yaw


def test_a_run_goes_on_by_itself_and_undo_takes_one_step_back(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.get_by_label("Steps to run").fill("4")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".attack-panel")).to_contain_text("4 steps")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".attack-panel")).to_contain_text("3 steps")
    yaw = dashboard.number("camera.yaw")
    page.focus("#scene")
    page.keyboard.press("ArrowRight")
    assert dashboard.number("camera.yaw") == yaw, "the scene stands still under an attack"
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(page.locator(".attack-overlay")).to_be_hidden()


def test_a_run_can_be_cancelled(dashboard: Dashboard) -> None:
    page = dashboard.page
    page.get_by_label("Steps to run").fill("1000")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="PGD Step")).to_be_enabled()


def test_the_target_is_chosen_from_the_classes_of_the_source(dashboard: Dashboard) -> None:
    page, target = dashboard.page, dashboard.control("attack.target")
    target.focus()
    page.wait_for_function("document.getElementById('attack.target.list').children.length > 100")
    target.fill("goldfish, Carassius auratus")
    page.keyboard.press("Enter")
    dashboard.wait_for_hash(r"attack\.target=goldfish")
    page.get_by_role("button", name="PGD Step").click()
    expect(page.locator(".attack-hint")).to_contain_text("goldfish")


def test_a_target_that_is_no_class_is_told_in_words(dashboard: Dashboard) -> None:
    dashboard.control("attack.target").fill("unicorn")
    dashboard.page.get_by_role("button", name="PGD Step").click()
    expect(dashboard.page.locator("#messages")).to_contain_text("got 'unicorn'")


def test_the_method_names_its_button_its_settings_and_an_epsilon_that_suits(dashboard: Dashboard) -> None:
    dashboard.control("attack.norm").select_option("linf")
    assert dashboard.number("attack.epsilon") == 0.0314
    dashboard.control("attack.method").select_option("jsma")
    expect(dashboard.page.get_by_role("button", name="JSMA Step")).to_be_visible()
    expect(dashboard.control("attack.norm")).to_be_hidden()
    assert dashboard.number("attack.epsilon") == 100


def test_the_epsilon_slider_is_fine_where_it_is_small(dashboard: Dashboard) -> None:
    slider = dashboard.control("attack.epsilon")
    slider.focus()
    before = dashboard.number("attack.epsilon")
    dashboard.page.keyboard.press("ArrowRight")
    assert before < dashboard.number("attack.epsilon") < 1.15 * before
    dashboard.page.keyboard.press("ArrowLeft")
    assert abs(dashboard.number("attack.epsilon") - before) < 0.11
